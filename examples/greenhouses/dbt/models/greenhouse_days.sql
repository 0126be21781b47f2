{{ config(materialized='table', tags='whole') }}

select
    sites.id as site_id,
    sites.crop,
    cast(readings.measured_at as date) as measured_on,
    count(*) as readings,
    round(avg(readings.temperature), 2) as mean_temperature
from {{ landed(source('greenhouses', 'readings')) }} as readings
inner join {{ landed(source('greenhouses', 'sensors')) }} as sensors on readings.sensor_id = sensors.id
inner join {{ landed(source('greenhouses', 'sites')) }} as sites on sensors.site_id = sites.id
where readings.temperature between 5 and 40
group by 1, 2, 3
