{#
    A source as it is stored. A table of which nothing is stored is an error, except where
    `allow_missing_sources` lets the models be built on a part of the data: then it is empty.
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
    The store's own DuckDB file is attached for reading beside the warehouse. The lake is looked
    up here, when a model runs: what dbt has parsed once, it takes for every working folder.
#}
{% macro duckdb__landed_at(source) -%}
    {%- set place = place_of(source) -%}
    {%- if place is none -%}
        {{ return(source) }}
    {%- elif place.kind == 'lake' -%}
        {%- if any_file(place.location ~ '/*/data.parquet', days_of_files()) -%}
            {%- set files = literal(place.location ~ '/*/data.parquet') -%}
            {{ return('read_parquet(' ~ files ~ ', hive_partitioning = true)') }}
        {%- endif -%}
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

{# Kind and location of a source's files; none of a source that is a relation. #}
{% macro place_of(source) -%}
    {%- set named = fromjson(env_var('SYNTH_LANDED', '{}')).get(source.schema ~ '.' ~ source.identifier) -%}
    {%- if named is none and source.external -%}
        {%- set folder = [lake(), source.schema, source.identifier] | join('/') -%}
        {{ return({'kind': 'lake', 'location': folder}) }}
    {%- endif -%}
    {{ return(named) }}
{%- endmacro %}

{# Where `synth` keeps files: beside the project, wherever dbt is started. #}
{% macro lake() -%}
    {%- set home = env_var('SYNTH_HOME', '') or invocation_args_dict.project_dir ~ '/../.synth' -%}
    {{ return(env_var('SYNTH_LAKE', '') or home ~ '/lake') }}
{%- endmacro %}

{# In a daily model, the condition on the files of the days that this run builds. #}
{% macro days_of_files() -%}
    {%- if 'daily' in model.tags and model.resource_type == 'model' -%}
        {{ return(in_days("cast(regexp_extract(file, 'day=([^/]+)/data.parquet$', 1) as date)")) }}
    {%- endif -%}
    {{ return('true') }}
{%- endmacro %}

{% macro any_file(pattern, condition='true') -%}
    {%- set found = run_query('select count(*) from glob(' ~ literal(pattern) ~ ') where ' ~ condition) -%}
    {{ return(found.rows[0][0] > 0) }}
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


{# No rows, with the columns that the table will have; an error unless that is allowed. #}
{% macro nothing_landed(source) -%}
    {%- if var('allow_missing_sources', env_var('SYNTH_ALLOW_MISSING_SOURCES', '') == 'true') -%}
        {%- do log('nothing is stored of ' ~ source.schema ~ '.' ~ source.identifier ~ ', which reads as empty') -%}
    {%- else -%}
        {%- do exceptions.raise_compiler_error(what_is_missing(source)) -%}
    {%- endif -%}
    {%- set columns = [] -%}
    {%- for column in source_node(source).columns.values() -%}
        {%- do columns.append('cast(null as ' ~ type_here(column.data_type) ~ ') as ' ~ column.name) -%}
    {%- endfor -%}
    {{ return('(select * from (select ' ~ columns | join(', ') ~ ') as one_row where false) as landed') }}
{%- endmacro %}


{# What to do about a source that is not there. #}
{% macro what_is_missing(source) -%}
    {%- set place = place_of(source) -%}
    {%- set days = day_given('min_date'), day_given('max_date') -%}
    {{ return([
        'nothing is stored of source ' ~ source.schema ~ '.' ~ source.identifier,
        ' for the days ' ~ days | join(' to ') if days != (none, none) else '',
        ' at ' ~ (place.location if place else source),
        ': make it with `synth materialize ',
        source_node(source).config.meta.dagster.asset_key | join('/'), '`, ',
        'name the folder with SYNTH_LAKE or SYNTH_HOME, ' if place and place.kind == 'lake' else '',
        "or have missing sources read as empty with --vars 'allow_missing_sources: true'",
    ] | join) }}
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
