{#
    A model's schema is the one its domain names, not the target's with that behind it; a domain
    that names none has `<domain>_marts`, as in Dagster. Where several people share a BigQuery
    project, SYNTH_SCHEMA_PREFIX keeps their data sets apart.
#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- if custom_schema_name -%}
        {{ env_var('SYNTH_SCHEMA_PREFIX', '') }}{{ custom_schema_name | trim }}
    {%- elif node.resource_type == 'model' -%}
        {{ env_var('SYNTH_SCHEMA_PREFIX', '') }}{{ node.fqn[1] }}_marts
    {%- else -%}
        {{ target.schema }}
    {%- endif -%}
{%- endmacro %}
