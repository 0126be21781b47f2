-- The tables of a small hospital, as PostgreSQL has them.

create type sex as enum ('female', 'male', 'unknown');
create type encounter_class as enum ('inpatient', 'outpatient', 'emergency');

create table departments (
    id          serial primary key,
    code        varchar(6) not null unique,
    name        varchar(80) not null,
    floor       smallint not null check (floor between 0 and 9),
    head_id     integer
);
comment on table departments is 'A department of the hospital.';
comment on column departments.head_id is 'The physician who leads it.';

create table staff (
    id            serial primary key,
    department_id integer not null references departments (id),
    manager_id    integer references staff (id),
    first_name    varchar(50) not null,
    last_name     varchar(50) not null,
    email         varchar(120) not null unique,
    role          text not null check (role in ('physician', 'nurse', 'technician', 'clerk')),
    hired_at      date not null,
    left_at       date,
    check (left_at is null or left_at >= hired_at)
);
comment on table staff is 'A person who works in the hospital.';

-- Departments and staff refer to each other.
alter table departments add constraint departments_head
    foreign key (head_id) references staff (id);

create table patients (
    id            uuid primary key,
    mrn           varchar(12) not null unique,
    first_name    varchar(50) not null,
    last_name     varchar(50) not null,
    date_of_birth date not null,
    sex           sex not null,
    blood_type    varchar(3),
    phone         varchar(20),
    email         varchar(120),
    street        varchar(100),
    city          varchar(60),
    postal_code   varchar(10),
    registered_at timestamptz not null default now()
);
comment on table patients is 'A person who is or was treated.';
comment on column patients.mrn is 'Medical record number.';

create table insurance_policies (
    patient_id  uuid primary key references patients (id) on delete cascade,
    insurer     varchar(80) not null,
    policy_no   varchar(20) not null unique,
    valid_from  date not null,
    valid_until date not null,
    check (valid_until > valid_from)
);
comment on table insurance_policies is 'The policy of a patient, at most one.';

create table wards (
    department_id integer not null references departments (id),
    ward_no       smallint not null,
    beds          smallint not null check (beds > 0 and beds <= 40),
    primary key (department_id, ward_no)
);
comment on table wards is 'A ward of a department, numbered within it.';

create table encounters (
    id            bigserial primary key,
    patient_id    uuid not null references patients (id),
    department_id integer not null,
    ward_no       smallint not null,
    attending_id  integer not null references staff (id),
    class         encounter_class not null,
    admitted_at   timestamptz not null,
    discharged_at timestamptz,
    diagnosis_code varchar(8),
    total_charge  numeric(10, 2) not null check (total_charge >= 0),
    foreign key (department_id, ward_no) references wards (department_id, ward_no),
    constraint discharged_after_admission
        check (discharged_at is null or discharged_at >= admitted_at)
);
comment on table encounters is 'A stay or a visit of a patient.';

create table vital_signs (
    encounter_id bigint not null references encounters (id),
    seq          integer not null,
    taken_at     timestamptz not null,
    heart_rate   smallint check (heart_rate between 20 and 250),
    temperature  numeric(4, 1) check (temperature between 30 and 45),
    systolic     smallint check (systolic between 50 and 260),
    diastolic    smallint check (diastolic between 30 and 160),
    primary key (encounter_id, seq)
);
comment on table vital_signs is 'A measurement during an encounter.';

create table medications (
    code     varchar(10) primary key,
    name     varchar(120) not null,
    form     text not null check (form in ('tablet', 'capsule', 'injection', 'solution')),
    price    numeric(8, 2) not null check (price > 0)
);
comment on table medications is 'A medication that the pharmacy keeps.';

create table prescriptions (
    id              bigserial primary key,
    encounter_id    bigint not null references encounters (id),
    medication_code varchar(10) not null references medications (code),
    prescriber_id   integer not null references staff (id),
    prescribed_at   timestamptz not null,
    quantity        smallint not null check (quantity between 1 and 90),
    unit_price      numeric(8, 2) not null check (unit_price >= 0),
    total           numeric(12, 2) generated always as (quantity * unit_price) stored,
    notes           text
);
comment on table prescriptions is 'A medication that is prescribed in an encounter.';

create index prescriptions_encounter on prescriptions (encounter_id);
grant select on all tables in schema public to reporting;
