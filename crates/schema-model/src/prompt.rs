//! Prompt templates: what they mention, and where.
