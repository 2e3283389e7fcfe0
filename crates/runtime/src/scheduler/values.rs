//! Texts of values: a bounded cache in front of the store.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use branchline_schema_model::id::AttributeValueId;
use branchline_schema_model::store::{Store, StoreError};

use super::patience::patiently;

/// Bytes of texts kept per run between two commits. Most reads follow soon after the write; everything else is one query away.
const CACHE_BYTES_MAX: usize = 32 * 1024 * 1024;

/// The texts of one run's values.
pub(super) struct ValueTexts {
    store: Arc<dyn Store>,
    texts: HashMap<AttributeValueId, Arc<str>>,
    oldest_first: VecDeque<AttributeValueId>,
    bytes: usize,
}

impl ValueTexts {
    pub(super) fn new(store: Arc<dyn Store>) -> Self {
        Self { store, texts: HashMap::new(), oldest_first: VecDeque::new(), bytes: 0 }
    }

    /// Keeps a text that has just been written or read. Nothing is dropped here: what is not committed yet can be had
    /// from nowhere else.
    pub(super) fn keep(&mut self, id: AttributeValueId, text: Arc<str>) {
        self.bytes += text.len();
        if self.texts.insert(id, text).is_none() {
            self.oldest_first.push_back(id);
        }
    }

    /// Drops the oldest texts above the bound. Only when the store has all of them.
    pub(super) fn trim(&mut self) {
        while self.bytes > CACHE_BYTES_MAX {
            let Some(oldest) = self.oldest_first.pop_front() else { break };
            self.bytes -= self.texts.remove(&oldest).map_or(0, |text| text.len());
        }
    }

    /// The texts of these values, in order.
    pub(super) async fn fetch(&mut self, ids: &[AttributeValueId]) -> Result<Vec<Arc<str>>, StoreError> {
        let missing: Vec<_> = ids.iter().filter(|id| !self.texts.contains_key(id)).copied().collect();
        let mut found: HashMap<AttributeValueId, Arc<str>> = HashMap::new();
        if !missing.is_empty() {
            let texts = patiently(|| self.store.value_texts(&missing)).await?;
            found.extend(missing.iter().copied().zip(texts));
        }
        let text_of = |id: &AttributeValueId| {
            let text = self.texts.get(id).or_else(|| found.get(id)).cloned();
            text.ok_or_else(|| StoreError::NotFound { what: "value", name: id.to_string() })
        };
        let texts = ids.iter().map(text_of).collect();
        for (id, text) in found {
            self.keep(id, text);
        }
        texts
    }
}
