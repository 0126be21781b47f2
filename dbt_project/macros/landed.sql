{#
    A source as it has landed. Where nothing of a table has been generated yet it is an empty
    table instead of an error, so that the models can be built on a part of the lake.
#}
{% macro landed(source) -%}
    {{ return(adapter.dispatch('landed')(source)) }}
{%- endmacro %}

{% macro default__landed(source) -%}
    {{ return(source) }}
{%- endmacro %}

{% macro duckdb__landed(source) -%}
    {%- if not execute or not source.external -%}
        {{ return(source) }}
    {%- endif -%}
    {%- set id = ['source', project_name, source.schema, source.identifier] | join('.') -%}
    {%- set node = graph.sources[id] -%}
    {%- set folder = [node.config.meta.lake, source.schema, source.identifier] | join('/') -%}
    {%- set files = run_query("select count(*) from glob('" ~ folder ~ "/*/data.parquet')") -%}
    {%- if files.rows[0][0] -%}
        {{ return(source) }}
    {%- endif -%}
    {%- set columns = [] -%}
    {%- for column in node.columns.values() -%}
        {%- do columns.append('cast(null as ' ~ column.data_type ~ ') as ' ~ column.name) -%}
    {%- endfor -%}
    {{ return('(select ' ~ columns | join(', ') ~ ' where false) as landed') }}
{%- endmacro %}


{# Tests of sources see what has landed, too. #}
{% macro duckdb__get_where_subquery(relation) -%}
    {{ return(default__get_where_subquery(landed(relation))) }}
{%- endmacro %}

{% macro duckdb__test_relationships(model, column_name, to, field) -%}
    {{ return(default__test_relationships(model, column_name, landed(to), field)) }}
{%- endmacro %}
