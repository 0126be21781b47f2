"""The last step of the wizard: what is different, the file, the destination, and the run."""

from __future__ import annotations

import streamlit as st

from synth_assets.core.errors import UserError
from synth_assets.core.variables import variable
from synth_assets.domains.identity_graph.generation_config import GenerationConfig
from synth_assets.domains.identity_graph.scenario import DOMAIN
from synth_assets.studio import runs, safe, states
from synth_assets.studio.context import Studio
from synth_assets.studio.forms import values
from synth_assets.studio.forms.form import Form
from synth_assets.studio.pages.scenario import show_differences, start

# Always in the file: without it the command plans for the households that it makes.
PLANNED = ("campaign_config", "planned_households")


def review(studio: Studio, form: Form, config: GenerationConfig) -> None:
    """Draws what follows the fields of the last step.

    Args:
        studio: The surroundings.
        form: The form, which has no errors.
        config: Its configuration.
    """
    st.markdown("##### Different from the defaults")
    show_differences(form)
    _files(form)
    _destination(studio, config)
    _run(studio, form, config)


def _files(form: Form) -> None:
    st.markdown("##### As a file")
    text = yaml_of(form)
    left, right = st.columns(2, gap="medium")
    with left:
        st.code(text, language="yaml", height=220)
        st.download_button(
            "Download YAML", text, "identity_graph.yaml", "application/yaml",
            icon=":material/download:",
        )  # fmt: skip
        st.caption("`synth identity-graph --config identity_graph.yaml` makes the same tables.")
    with right:
        file = st.file_uploader("Upload YAML", type=["yaml", "yml"], key=form.key("upload"),
                                max_upload_size=values.MOST_MEGABYTES)  # fmt: skip
        if file is not None:
            _upload(form, file.getvalue())


def yaml_of(form: Form) -> str:
    """The configuration as a file of ``synth identity-graph``: what differs from the defaults.

    Args:
        form: The form.
    """
    below = values.defaults(form.model)
    found = values.differences(form.fields, form.values, below)
    chosen = {path: now for path, (_, now) in found.items()}
    for part in {field.part for field in form.fields if field.part}:
        # A part that is left out is named whole.
        if values.get(form.values, part) is None and values.get(below, part) is not None:
            chosen = {path: now for path, now in chosen.items() if path[: len(part)] != part}
            chosen[part] = None
    chosen[PLANNED] = values.get(form.values, PLANNED)
    return values.to_yaml(values.nested(chosen))


def _upload(form: Form, content: bytes) -> None:
    try:
        uploaded = values.from_yaml(content)
    except UserError as error:
        st.error(safe.message(error))
        return
    chosen = values.merged(form.model, form.initial, uploaded)
    found = values.problems(form.model, chosen)
    for problem in found:
        st.error(safe.markdown(": ".join(filter(None, (".".join(problem.path), problem.message)))))
    if not found and st.button("Use this file", type="primary"):
        form.replace(uploaded)
        st.rerun()


def _destination(studio: Studio, config: GenerationConfig) -> None:
    st.markdown("##### Destination")
    if config.catalog_name is None:
        stores = studio.open_stores()
        places = {
            stores.of(table).uri(table).rsplit("/", 1)[0] for table in studio.domain(DOMAIN).tables
        }
        st.markdown(f"Tables go to {safe.markdown(', '.join(sorted(places)))} (`SYNTH_STORE`).")
        return
    st.markdown(f"Tables go to `{config.catalog_name}.{config.schema_name}` of Unity Catalog.")
    if st.button("Check permissions", icon=":material/key:"):
        _permissions(config.catalog_name, config.schema_name)


def _permissions(catalog: str, schema: str) -> None:
    # Databricks' client takes longer to import than everything else of the studio together.
    from synth_assets.stores.unity.grants import verify_catalog_permissions

    try:
        root = variable("SYNTH_UNITY_ROOT")
        allowed, missing = verify_catalog_permissions(catalog, schema, root=root)
    except UserError as error:
        st.error(safe.message(error))
        return
    if allowed:
        st.success("The account has all permissions that it needs.")
        return
    st.error("The account lacks permissions. Let an owner of the catalog run:")
    st.code("\n".join(one.grant for one in missing), language="sql")


def _run(studio: Studio, form: Form, config: GenerationConfig) -> None:
    domain = studio.domain(DOMAIN)
    fields = type(domain.scenario).launchpad_fields()
    chosen = {name: form.values[name] for name in fields}
    st.markdown("##### The same in a terminal, with gates and models")
    text = values.command(domain, chosen, recreate=not config.incremental)
    st.code(text, language="shell", wrap_lines=True)
    why = elsewhere(config, domain.scenario)
    if why:
        st.info(safe.markdown(why))
        return
    if not states.dagster(studio):
        return
    label = "Append" if config.incremental else "Generate"
    if st.button(
        label, type="primary", disabled=studio.read_only, icon=":material/rocket_launch:",
        help=states.READ_ONLY if studio.read_only else None,
    ):  # fmt: skip
        start(studio, domain, chosen, runs.keys_of(domain), recreate=not config.incremental)


def elsewhere(config: GenerationConfig, loaded: object) -> str | None:
    """Why a configuration cannot be run by the Dagster that has loaded a scenario; None if it can.

    Args:
        config: The configuration.
        loaded: The scenario that was loaded.
    """
    if config.catalog_name is not None:
        return (
            "A catalog is chosen when the command starts: download the file, and run "
            "synth identity-graph --config identity_graph.yaml"
        )
    shards = getattr(loaded, "shards", config.shards)
    if config.shards != shards:
        return (
            f"Dagster has loaded {shards} shards: set SYNTH_IDENTITY_GRAPH_SHARDS to "
            f"{config.shards} and start it again, or download the file and run "
            "synth identity-graph --config identity_graph.yaml"
        )
    return None
