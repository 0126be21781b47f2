{#
    A source as it has landed. Where nothing of a table has been generated yet it is an empty
    table instead of an error, so that the models can be built on a part of the data.
#}
{% macro landed(source) -%}
    {%- if not execute -%}
        {{ return(source) }}
    {%- endif -%}
    {{ return(adapter.dispatch('landed_at')(source) or nothing_landed(source)) }}
{%- endmacro %}


{# Where a source lies, as a relation or expression; none where nothing has landed. #}
{% macro default__landed_at(source) -%}
    {{ return(source if in_catalog(source.database, source.schema, source.identifier) else none) }}
{%- endmacro %}

{% macro bigquery__landed_at(source) -%}
    {{ return(adapter.get_relation(source.database, source.schema, source.identifier)) }}
{%- endmacro %}

{#
    Asks the database itself. dbt remembers which tables there are, and while one of its threads
    fills that memory the others find only a part of them: a source would read as empty.
    (On BigQuery `get_relation` asks, too: no models lie in the data sets of sources.)
#}
{% macro in_catalog(database, schema, identifier) -%}
    {%- set found -%}
        select count(*) from information_schema.tables
        where table_catalog = {{ literal(database) }}
            and table_schema = {{ literal(schema) }}
            and table_name = {{ literal(identifier) }}
    {%- endset -%}
    {{ return(run_query(found).rows[0][0] > 0) }}
{%- endmacro %}

{#
    DuckDB reads files: the lake's, unless SYNTH_LANDED (JSON) names another place of a table.
    The store's own DuckDB file is attached for reading beside the warehouse.
#}
{% macro duckdb__landed_at(source) -%}
    {%- set place = fromjson(env_var('SYNTH_LANDED', '{}')).get(source.schema ~ '.' ~ source.identifier) -%}
    {%- if place is none and not source.external -%}
        {{ return(source) }}
    {%- elif place is none -%}
        {%- set folder = [source_node(source).config.meta.lake, source.schema, source.identifier] | join('/') -%}
        {{ return(source if any_file(folder ~ '/*/data.parquet') else none) }}
    {%- elif place.kind == 'delta' -%}
        {%- if any_file(place.location ~ '/_delta_log/*.json') -%}
            {%- do run_query('load ' ~ literal(env_var('SYNTH_DELTA_EXTENSION', 'delta'))) -%}
            {{ return('delta_scan(' ~ literal(place.location) ~ ')') }}
        {%- endif -%}
    {%- elif any_file(place.location) -%}
        {%- do run_query('attach if not exists ' ~ literal(place.location) ~ ' as synth_store (read_only)') -%}
        {%- if in_catalog('synth_store', source.schema, source.identifier) -%}
            {{ return(api.Relation.create('synth_store', source.schema, source.identifier)) }}
        {%- endif -%}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}

{% macro any_file(pattern) -%}
    {{ return(run_query('select count(*) from glob(' ~ literal(pattern) ~ ')').rows[0][0] > 0) }}
{%- endmacro %}

{% macro literal(text) -%}
    {{ return("'" ~ text | replace("'", "''") ~ "'") }}
{%- endmacro %}

{% macro source_node(source) -%}
    {%- for node in graph.sources.values()
        if node.schema == source.schema and node.identifier == source.identifier -%}
        {{ return(node) }}
    {%- endfor -%}
{%- endmacro %}


{# No rows, with the columns that the table will have. #}
{% macro nothing_landed(source) -%}
    {%- set columns = [] -%}
    {%- for column in source_node(source).columns.values() -%}
        {%- do columns.append('cast(null as ' ~ type_here(column.data_type) ~ ') as ' ~ column.name) -%}
    {%- endfor -%}
    {{ return('(select * from (select ' ~ columns | join(', ') ~ ') as one_row where false) as landed') }}
{%- endmacro %}


{# The warehouse's name of a type that the sources give as DuckDB calls it. #}
{% macro type_here(data_type) -%}
    {{ return(adapter.dispatch('type_here')(data_type)) }}
{%- endmacro %}

{% macro default__type_here(data_type) -%}
    {{ return(data_type) }}
{%- endmacro %}

{% macro postgres__type_here(data_type) -%}
    {%- set names = {'double': 'double precision', 'blob': 'bytea'} -%}
    {{ return(names.get(data_type, 'jsonb' if is_nested(data_type) else data_type)) }}
{%- endmacro %}

{% macro bigquery__type_here(data_type) -%}
    {%- set names = {
        'bigint': 'int64', 'integer': 'int64', 'smallint': 'int64', 'tinyint': 'int64',
        'double': 'float64', 'real': 'float64', 'varchar': 'string', 'boolean': 'bool',
        'blob': 'bytes', 'timestamp': 'datetime', 'timestamp with time zone': 'timestamp',
    } -%}
    {%- if is_nested(data_type) -%}
        {{ return('string') }}
    {%- endif -%}
    {{ return(names.get(data_type, 'numeric' if data_type.startswith('decimal') else data_type)) }}
{%- endmacro %}

{# A list or a struct: of an empty table nobody asks what is in it. #}
{% macro is_nested(data_type) -%}
    {{ return(data_type.endswith(']') or data_type.startswith('struct')) }}
{%- endmacro %}


{# Tests of sources see what has landed, too. #}
{% macro default__get_where_subquery(relation) -%}
    {{ return(dbt.default__get_where_subquery(landed(relation) if is_source(relation) else relation)) }}
{%- endmacro %}

{% macro default__test_relationships(model, column_name, to, field) -%}
    {{ return(dbt.default__test_relationships(model, column_name, landed(to) if is_source(to) else to, field)) }}
{%- endmacro %}

{% macro is_source(relation) -%}
    {{ return(execute and relation.identifier is defined and source_node(relation) | length > 0) }}
{%- endmacro %}
