//! An answer while it comes in.

use branchline_schema_model::run::{ErrorClass, Failure, Usage};

use super::super::OnToken;

/// How the model ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Finish {
    /// It was done.
    #[default]
    Done,
    /// At the token limit.
    Length,
    /// It, or a filter, would not answer: the reason in the provider's word.
    Refused(String),
    /// Something broke: the reason in the provider's word.
    Failed(String),
}

#[derive(Debug, Default)]
pub(super) struct Answer {
    pub(super) text: String,
    /// What the model says instead of an answer.
    pub(super) refusal: String,
    pub(super) request_id: Option<String>,
    pub(super) usage: Usage,
    pub(super) finish: Finish,
    /// Whether the request left.
    pub(super) was_sent: bool,
    /// Whether the provider's end mark was seen.
    pub(super) is_ended: bool,
}

impl Answer {
    pub(super) fn push(&mut self, piece: &str, on_token: OnToken<'_>) {
        if !piece.is_empty() {
            self.text.push_str(piece);
            on_token(piece);
        }
    }

    /// The header's name of the request wins over the one in the body.
    pub(super) fn set_request_id(&mut self, id: &str) {
        if self.request_id.is_none() && !id.is_empty() {
            self.request_id = Some(id.to_owned());
        }
    }

    /// Whether this is a whole answer.
    pub(super) fn check(&self) -> Result<(), Failure> {
        let failure = |class, message: String| Err(Failure::new(class, message));
        if !self.is_ended {
            return failure(
                ErrorClass::StreamBroken,
                "ended its stream before the answer was complete".to_owned(),
            );
        }
        match &self.finish {
            Finish::Failed(reason) => failure(ErrorClass::ServerError, format!("broke off with `{reason}`")),
            Finish::Refused(reason) => failure(ErrorClass::Refused, self.refused(reason)),
            Finish::Length => {
                let message =
                    format!("was cut off at the token limit after {} tokens", self.usage.output_tokens);
                failure(ErrorClass::Truncated, message)
            }
            Finish::Done if !self.refusal.is_empty() => failure(ErrorClass::Refused, self.refused("refusal")),
            Finish::Done if self.text.trim().is_empty() => {
                failure(ErrorClass::Empty, "gave an answer without content".to_owned())
            }
            Finish::Done => Ok(()),
        }
    }

    fn refused(&self, reason: &str) -> String {
        match self.refusal.trim() {
            "" => format!("would not answer (`{reason}`)"),
            words => format!("would not answer (`{reason}`): {}", super::failure::trimmed(words)),
        }
    }
}
