//! Models: their answers depend on nothing but what is asked; whether and when an answer comes is another matter.

use std::sync::Arc;

use async_trait::async_trait;
use branchline_schema_model::id::StepAttemptId;
use branchline_schema_model::run::{ErrorClass, Failure, Usage};
use serde_json::{Map, Value as Json, json};

use super::random::{Random, hash};
use super::state::{State, World};
use super::store::pause;
use crate::provider::{CallFailure, Completer, Completion, CompletionRequest, OnToken};

/// The models as one process sees them.
pub(super) struct ProcessModels {
    pub(super) world: Arc<World>,
    pub(super) process: usize,
}

/// The message of a failure that belongs to the workflow, and happens in every history.
pub(super) const SCRIPTED: &str = "scripted";

/// What becomes of a call.
enum Fate {
    Answers,
    Garbles,
    Fails(ErrorClass, &'static str),
    Hangs,
    Kills,
}

#[async_trait]
impl Completer for ProcessModels {
    async fn complete(
        &self,
        _: &str,
        request: &CompletionRequest,
        _: OnToken<'_>,
    ) -> Result<Completion, CallFailure> {
        self.world.gate(self.process).await;
        let (attempt, fate, time_ms) = {
            let mut state = self.world.lock();
            let attempt = attempt_of(&request.idempotency_key);
            begin(&mut state, self.process, attempt, request);
            let (fate, time_ms) = draw(&mut state, request);
            (attempt, fate, time_ms)
        };
        pause(time_ms).await;
        if matches!(fate, Fate::Kills) {
            self.world.lock().kill(self.process, &format!("by its call of {}", request.address));
        }
        if matches!(fate, Fate::Hangs) {
            std::future::pending::<()>().await;
        }
        self.world.gate(self.process).await;
        let mut state = self.world.lock();
        let usage = Usage { input_tokens: 7, output_tokens: 3, ..Usage::default() };
        let text = match fate {
            Fate::Fails(class, message) => {
                if class == ErrorClass::NotSent
                    && let Some(billed) = attempt.and_then(|id| state.billed.get_mut(&id))
                {
                    // It never left, and nobody was paid.
                    billed.calls -= 1;
                }
                state.history.tell(&format!("p{} {} fails: {class}", self.process, request.address));
                let mut failure = Failure::new(class, message);
                failure.retry_after_ms = (class == ErrorClass::RateLimited).then_some(2_000);
                return Err(failure.into());
            }
            Fate::Garbles => "not what was asked for".to_owned(),
            Fate::Answers | Fate::Hangs | Fate::Kills => answer(state.scenario.seed, request),
        };
        if let Some(attempt) = attempt {
            state.billed.entry(attempt).or_default().usage += usage;
        }
        state.history.tell(&format!("p{} {} is answered", self.process, request.address));
        Ok(Completion { text, model: "simulated/model".to_owned(), request_id: None, usage })
    }
}

fn attempt_of(idempotency_key: &str) -> Option<StepAttemptId> {
    idempotency_key.split('.').next()?.parse().ok()
}

/// `IntentFirst`, `CancelFinal`: no call leaves before the database knows of it, or when it is known to be of no use.
fn begin(state: &mut State, process: usize, attempt: Option<StepAttemptId>, request: &CompletionRequest) {
    state.history.tell(&format!("p{process} calls for {}", request.address));
    *state.calls.entry(request.address.clone()).or_default() += 1;
    state.count("model calls");
    let row =
        attempt.and_then(|id| state.database.runs().find_map(|tables| tables.attempts.get(&id)).cloned());
    match row {
        None => {
            let what = format!("a call for `{}` left that nobody knows of", request.address);
            state.violated("IntentFirst", &what);
        }
        Some(row) if row.ended_at == Some(row.started_at) => {
            let what =
                format!("a call for `{}` left, and its attempt had ended before it began", request.address);
            state.violated("CancelFinal", &what);
        }
        Some(_) => {}
    }
    if let Some(attempt) = attempt {
        state.billed.entry(attempt).or_default().calls += 1;
    }
}

fn draw(state: &mut State, request: &CompletionRequest) -> (Fate, u64) {
    let refusals = state.scenario.refusals(&request.address);
    let calls = state.calls.get(&request.address).copied().unwrap_or_default();
    let poisonous = hash(&[&request.address, "kills"]) % 1_000 < state.faults.call_kills;
    let (random, faults) = (&mut state.random, &state.faults);
    let time_ms = if random.chance(faults.call_slow) {
        random.between(5_000, 60_000)
    } else {
        random.between(5, 2_000)
    };
    if calls <= refusals {
        return (Fate::Fails(ErrorClass::Refused, SCRIPTED), time_ms);
    }
    let fate = if poisonous && random.chance(850) {
        Fate::Kills
    } else if random.chance(faults.call_fails) {
        Fate::Fails(failure(random), "simulated")
    } else if random.chance(faults.call_hangs) {
        Fate::Hangs
    } else if request.output_schema.is_some() && random.chance(faults.call_garbles) {
        Fate::Garbles
    } else {
        Fate::Answers
    };
    (fate, time_ms)
}

fn failure(random: &mut Random) -> ErrorClass {
    use ErrorClass as Class;
    const PASSING: [ErrorClass; 9] = [
        Class::NotSent,
        Class::AmbiguousSent,
        Class::Timeout,
        Class::RateLimited,
        Class::Overloaded,
        Class::ServerError,
        Class::StreamBroken,
        Class::Truncated,
        Class::Empty,
    ];
    const FOR_GOOD: [ErrorClass; 4] =
        [Class::OutOfCredit, Class::Unauthorized, Class::BadRequest, Class::Refused];
    if random.chance(80) { *random.pick(&FOR_GOOD) } else { *random.pick(&PASSING) }
}

/// The answer to what was asked first: being asked again does not change a model's mind.
fn answer(seed: u64, request: &CompletionRequest) -> String {
    let asked = request.messages.first().map_or("", |message| message.content.as_str());
    let own = hash(&[&request.address, asked]) ^ super::random::mix(seed);
    let mut random = Random::new(own);
    let Some(schema) = &request.output_schema else { return word(&mut random) };
    let properties = schema["properties"].as_object().cloned().unwrap_or_default();
    let values: Map<String, Json> =
        properties.iter().map(|(name, schema)| (name.clone(), value(schema, &mut random))).collect();
    Json::Object(values).to_string()
}

/// A small value of a type.
pub(super) fn value(schema: &Json, random: &mut Random) -> Json {
    match schema["type"].as_str() {
        Some("array") => (0..random.below(4)).map(|_| value(&schema["items"], random)).collect(),
        Some("integer") => json!(random.below(9)),
        _ => json!(word(random)),
    }
}

fn word(random: &mut Random) -> String {
    // `none` is left out by some conditions.
    if random.chance(150) { "none".to_owned() } else { format!("word-{}", random.below(10_000)) }
}
