//! The tables as Diesel sees them, with the neutral types of [`sql_types`](crate::sql_types).
//!
//! Generated from the migrations by `cargo xtask codegen schema`; not to be edited.

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    attribute_values (id) {
        id -> Uid,
        attribute_id -> Uid,
        step_run_id -> Uid,
        value -> Text,
        list_length -> Nullable<Integer>,
        source -> Text,
        author -> Nullable<Text>,
        hash -> Text,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    attributes (id) {
        id -> Uid,
        name -> Text,
        #[sql_name = "type"]
        type_ -> Text,
        is_array -> Bool,
        workflow_id -> Uid,
        description -> Text,
        schema -> Nullable<Doc>,
        default_value -> Nullable<Doc>,
        position -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    decisions (id) {
        id -> Uid,
        step_run_id -> Uid,
        kind -> Text,
        picked -> Doc,
        option_count -> Integer,
        author -> Nullable<Text>,
        note -> Nullable<Text>,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    fan_outs (workflow_run_id, step_id, parent_path) {
        workflow_run_id -> Uid,
        step_id -> Uid,
        parent_path -> Text,
        branch_count -> Integer,
        numbers -> Nullable<Doc>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    input_attributes (step_id, position) {
        step_id -> Uid,
        attribute_id -> Uid,
        position -> Integer,
        alias -> Text,
        mode -> Text,
        required -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    output_attributes (step_id, attribute_id) {
        step_id -> Uid,
        attribute_id -> Uid,
        position -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    run_events (workflow_run_id, sequence) {
        workflow_run_id -> Uid,
        sequence -> BigInt,
        created_at -> Instant,
        event -> Text,
        payload -> Doc,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    run_messages (id) {
        id -> Uid,
        workflow_run_id -> Uid,
        unique_key -> Text,
        kind -> Text,
        payload -> Doc,
        created_at -> Instant,
        applied_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    schedulers (id) {
        id -> Uid,
        state -> Text,
        heartbeat_count -> BigInt,
        heartbeat_at -> Instant,
        host -> Text,
        pid -> BigInt,
        version -> Text,
        started_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    section_runs (id) {
        id -> Uid,
        workflow_run_id -> Uid,
        section_id -> Uid,
        status -> Text,
        started_at -> Nullable<Instant>,
        ended_at -> Nullable<Instant>,
        item_index -> Nullable<Integer>,
        iteration -> Nullable<Integer>,
        label -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    sections (id) {
        id -> Uid,
        name -> Text,
        description -> Text,
        order -> Integer,
        workflow_id -> Uid,
        slug -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    step_attempts (id) {
        id -> Uid,
        step_run_id -> Uid,
        number -> Integer,
        started_at -> Instant,
        ended_at -> Nullable<Instant>,
        outcome -> Nullable<Text>,
        error_class -> Nullable<Text>,
        error_message -> Nullable<Text>,
        retry_after_ms -> Nullable<BigInt>,
        model -> Nullable<Text>,
        request -> Nullable<Doc>,
        response -> Nullable<Text>,
        provider_request_id -> Nullable<Text>,
        input_tokens -> BigInt,
        cached_tokens -> BigInt,
        output_tokens -> BigInt,
        reasoning_tokens -> BigInt,
        calls -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    step_runs (id) {
        id -> Uid,
        section_run_id -> Uid,
        step_id -> Uid,
        branch_number -> Integer,
        branch_path -> Text,
        branch_order -> Text,
        workflow_run_id -> Uid,
        status -> Text,
        inputs -> Doc,
        attempts -> Integer,
        recoveries -> Integer,
        available_at -> Nullable<Instant>,
        error -> Nullable<Text>,
        prompt_hash -> Nullable<Text>,
        created_at -> Instant,
        started_at -> Nullable<Instant>,
        ended_at -> Nullable<Instant>,
        variant -> Nullable<Text>,
        sample -> Nullable<Integer>,
        label -> Nullable<Text>,
        tolerated -> Nullable<Text>,
        renewed_attempts -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    steps (id) {
        id -> Uid,
        name -> Text,
        description -> Text,
        order -> Integer,
        section_id -> Uid,
        prompt -> Text,
        slug -> Text,
        action -> Text,
        options -> Doc,
        enabled -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    workflow_runs (id) {
        id -> Uid,
        workflow_id -> Uid,
        label -> Nullable<Text>,
        status -> Text,
        waiting -> Bool,
        reason -> Nullable<Text>,
        options -> Doc,
        owner_id -> Nullable<Uid>,
        claim_epoch -> BigInt,
        idempotency_key -> Nullable<Text>,
        last_sequence -> BigInt,
        calls -> BigInt,
        input_tokens -> BigInt,
        cached_tokens -> BigInt,
        output_tokens -> BigInt,
        reasoning_tokens -> BigInt,
        created_at -> Instant,
        started_at -> Nullable<Instant>,
        ended_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::sql_types::*;

    workflows (id) {
        id -> Uid,
        name -> Text,
        description -> Text,
        version -> Integer,
        content_hash -> Text,
        document -> Text,
        created_at -> Instant,
    }
}

diesel::joinable!(attribute_values -> attributes (attribute_id));
diesel::joinable!(attribute_values -> step_runs (step_run_id));
diesel::joinable!(attributes -> workflows (workflow_id));
diesel::joinable!(decisions -> step_runs (step_run_id));
diesel::joinable!(fan_outs -> steps (step_id));
diesel::joinable!(fan_outs -> workflow_runs (workflow_run_id));
diesel::joinable!(input_attributes -> attributes (attribute_id));
diesel::joinable!(input_attributes -> steps (step_id));
diesel::joinable!(output_attributes -> attributes (attribute_id));
diesel::joinable!(output_attributes -> steps (step_id));
diesel::joinable!(run_events -> workflow_runs (workflow_run_id));
diesel::joinable!(run_messages -> workflow_runs (workflow_run_id));
diesel::joinable!(section_runs -> sections (section_id));
diesel::joinable!(section_runs -> workflow_runs (workflow_run_id));
diesel::joinable!(sections -> workflows (workflow_id));
diesel::joinable!(step_attempts -> step_runs (step_run_id));
diesel::joinable!(step_runs -> section_runs (section_run_id));
diesel::joinable!(step_runs -> steps (step_id));
diesel::joinable!(step_runs -> workflow_runs (workflow_run_id));
diesel::joinable!(steps -> sections (section_id));
diesel::joinable!(workflow_runs -> workflows (workflow_id));

diesel::allow_tables_to_appear_in_same_query!(
    attribute_values,
    attributes,
    decisions,
    fan_outs,
    input_attributes,
    output_attributes,
    run_events,
    run_messages,
    schedulers,
    section_runs,
    sections,
    step_attempts,
    step_runs,
    steps,
    workflow_runs,
    workflows,
);
