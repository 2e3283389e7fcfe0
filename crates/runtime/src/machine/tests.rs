//! The machine driven by a small world of its own: answers are a function of what a step reads, and everything that
//! may happen in another order does.

mod attempt;
mod crash;
mod crowd;
mod draft;
mod effect;
mod enough;
mod flow;
mod order;
mod plain;
mod run;
mod tolerance;
mod world;

use std::collections::BTreeMap;
use std::sync::Arc;

use branchline_schema_model::definition::{Action, AttributeType};
use branchline_schema_model::id::AttributeValueId;
use branchline_schema_model::plan::{
    AttributeIndex, FanOut, GatherField, LevelIndex, LevelKind, Plan, PlanAttribute, PlanLevel, PlanRead,
    PlanSection, PlanStep, ReadRole, ReadSource, SectionIndex, StepIndex, Writer,
};
use branchline_schema_model::run::{BranchPath, ErrorClass, Failure, StepRunStatus, WorkflowRunStatus};
use branchline_schema_model::time::Timestamp;
use uuid::Uuid;

use self::plain::{plan, section, step};
use self::world::World;
use super::*;
