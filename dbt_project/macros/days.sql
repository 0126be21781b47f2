{# The days that this run builds: `min_date` to `max_date`, both included, else all of them. #}
{% macro in_days(day='day') -%}
    {%- set first, last = day_given('min_date'), day_given('max_date') -%}
    {%- if first and last and first > last -%}
        {%- do exceptions.raise_compiler_error('min_date ' ~ first ~ ' is after max_date ' ~ last) -%}
    {%- endif -%}
    {%- set bounds = [] -%}
    {%- if first -%}
        {%- do bounds.append(day ~ " >= cast('" ~ first ~ "' as date)") -%}
    {%- endif -%}
    {%- if last -%}
        {%- do bounds.append(day ~ " <= cast('" ~ last ~ "' as date)") -%}
    {%- endif -%}
    {{ return(bounds | join(' and ') if bounds else 'true') }}
{%- endmacro %}

{#
    The text of a variable that is a day; none where it is null. A run by Dagster has the days in the
    environment: it is read when models run, so that other days do not make dbt parse them again.
#}
{% macro day_given(name) -%}
    {%- set given = var(name, none) -%}
    {%- if given is none and execute -%}
        {%- set days = {
            'min_date': env_var('SYNTH_MIN_DATE', ''),
            'max_date': env_var('SYNTH_MAX_DATE', ''),
        } -%}
        {%- set given = days[name] or none -%}
    {%- endif -%}
    {%- if given is none -%}
        {{ return(none) }}
    {%- elif not modules.re.fullmatch('[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])', given | string) -%}
        {%- do exceptions.raise_compiler_error(name ~ " '" ~ given ~ "' is not a day of the form YYYY-MM-DD") -%}
    {%- endif -%}
    {{ return(given | string) }}
{%- endmacro %}


{#
    Incremental strategy: the days of this run give way to what was built for them. The built-in
    `delete+insert` deletes only days that it has rows for, and a rebuilt day may have none.
#}
{% macro get_incremental_replace_days_sql(arg_dict) %}
    {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
    delete from {{ arg_dict['target_relation'] }} where {{ in_days() }};

    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }}
{% endmacro %}


{#
    The same on BigQuery, in one statement: rows never match, so the days' old rows go and all
    of the new ones come. No model has a unique key.
#}
{% macro bigquery__get_merge_sql(target, source, unique_key, dest_columns, incremental_predicates=none) %}
    {%- set columns = get_quoted_csv(dest_columns | map(attribute='name')) -%}
    merge into {{ target }} as old
    using {{ source }} as new
    on false
    when not matched by source and {{ in_days() }} then delete
    when not matched then insert ({{ columns }}) values ({{ columns }})
{% endmacro %}
