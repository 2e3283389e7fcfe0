//! What a run is made of when its process has died: the rows of its last commit, and nothing else.

use branchline_schema_model::id::{
    AttributeId, SectionId, SectionRunId, StepId, StepRunId, WorkflowId, WorkflowRunId,
};
use branchline_schema_model::run::{
    AttributeValue, FanOutRecord, InputBinding, SectionRun, StepRun, ValueSource, WorkflowRun,
};
use branchline_schema_model::store::{AttributeRow, RunSnapshot, SectionRow, StepRow, WorkflowVersion};

use super::*;

fn uuid(kind: u128, index: usize) -> Uuid {
    Uuid::from_u128((kind << 64) + index as u128)
}

/// The rows of a plan; only their ids and their order matter here.
fn version(plan: &Plan) -> WorkflowVersion {
    let step_row = |step: &PlanStep| StepRow {
        id: StepId::from_uuid(uuid(2, step.index.get())),
        name: step.name.clone(),
        slug: step.slug.clone(),
        description: String::new(),
        order: 1,
        prompt: String::new(),
        action: step.action.name().to_owned(),
        enabled: step.enabled,
        options: serde_json::Value::Null,
        inputs: Vec::new(),
        outputs: Vec::new(),
    };
    let section_row = |(index, section): (usize, &PlanSection)| SectionRow {
        id: SectionId::from_uuid(uuid(1, index)),
        name: section.name.clone(),
        slug: section.slug.clone(),
        description: String::new(),
        order: index as u32,
        steps: plan.steps.iter().filter(|step| step.section.get() == index).map(step_row).collect(),
    };
    let attribute_row = |(index, attribute): (usize, &PlanAttribute)| AttributeRow {
        id: AttributeId::from_uuid(uuid(3, index)),
        name: attribute.name.clone(),
        description: String::new(),
        value_type: attribute.value_type.clone(),
        default_value: None,
    };
    WorkflowVersion {
        id: WorkflowId::from_uuid(uuid(4, 0)),
        name: plan.workflow.clone(),
        description: String::new(),
        version: 1,
        content_hash: String::new(),
        document: String::new(),
        created_at: Timestamp::default(),
        sections: plan.sections.iter().enumerate().map(section_row).collect(),
        attributes: plan.attributes.iter().enumerate().map(attribute_row).collect(),
    }
}

/// What the store has of a machine that committed its last transition.
fn snapshot(machine: &RunMachine, free_attempts: &BTreeMap<StepRunKey, u32>) -> RunSnapshot {
    let run_id = WorkflowRunId::from_uuid(uuid(5, 0));
    let mut snapshot = RunSnapshot {
        run: WorkflowRun {
            id: run_id,
            workflow_id: WorkflowId::from_uuid(uuid(4, 0)),
            label: None,
            status: machine.status,
            waiting: machine.waiting,
            reason: machine.reason.clone(),
            options: serde_json::Value::Null,
            owner_id: None,
            claim_epoch: 1,
            created_at: Timestamp::default(),
            started_at: machine.started_at,
            ended_at: machine.ended_at,
        },
        section_runs: Vec::new(),
        step_runs: Vec::new(),
        fan_outs: Vec::new(),
        values: Vec::new(),
        free_attempts: BTreeMap::new(),
        open_attempts: Vec::new(),
        last_sequence: 0,
    };
    let mut section_run_ids = BTreeMap::new();
    for (index, (key, section)) in machine.sections.iter().enumerate() {
        let id = SectionRunId::from_uuid(uuid(6, index));
        section_run_ids.insert(key.clone(), id);
        let (item_index, iteration) = machine.plan.section_numbers(key.section, &key.path);
        snapshot.section_runs.push(SectionRun {
            id,
            workflow_run_id: run_id,
            section_id: SectionId::from_uuid(uuid(1, key.section.get())),
            item_index,
            iteration,
            label: section.label.clone(),
            status: section.status,
            started_at: Some(section.started_at),
            ended_at: section.ended_at,
        });
    }
    for (index, step) in machine.steps.iter().enumerate() {
        let step_id = StepId::from_uuid(uuid(2, index));
        for (parent_path, branches) in &step.branches {
            snapshot.fan_outs.push(FanOutRecord {
                workflow_run_id: run_id,
                step_id,
                parent_path: parent_path.clone(),
                branch_count: branches.count,
                numbers: branches.listed.clone(),
            });
        }
        for (path, run) in &step.runs {
            let key = StepRunKey { step: StepIndex(index as u32), path: path.clone() };
            let own = path.numbers().iter().skip(machine.plan.section_depth(key.step)).copied();
            let branch_path = BranchPath::new(own.collect());
            let candidate = machine.plan.run_address(key.step, path).candidate.unwrap_or_default();
            let id = StepRunId::from_uuid(uuid(7, snapshot.step_runs.len()));
            snapshot.free_attempts.insert(id, free_attempts.get(&key).copied().unwrap_or_default());
            snapshot.step_runs.push(StepRun {
                id,
                section_run_id: section_run_ids[&machine.section_of(&key)],
                step_id,
                branch_number: branch_path.branch_number(),
                branch_path,
                variant: candidate.variant,
                sample: candidate.sample,
                label: run.label.clone(),
                status: run.status,
                tolerated: run.tolerated,
                inputs: InputBinding::new(),
                attempts: run.attempts,
                recoveries: run.recoveries,
                renewed_attempts: run.renewed_attempts,
                available_at: run.available_at,
                error: run.error.clone(),
                prompt_hash: None,
                created_at: run.created_at,
                started_at: run.started_at,
                ended_at: run.ended_at,
            });
            snapshot.values.extend(run.values.iter().map(|written| AttributeValue {
                id: written.id,
                attribute_id: AttributeId::from_uuid(uuid(3, written.attribute.get())),
                step_run_id: id,
                value: String::new(),
                list_length: None,
                source: ValueSource::Model,
                author: None,
                hash: String::new(),
                created_at: Timestamp::default(),
            }));
        }
    }
    snapshot
}

impl World {
    /// The process dies after its last commit, and another one takes the run up.
    pub(super) fn crash(&mut self, parallel_calls: u32) {
        let plan = Arc::clone(self.machine.plan());
        let takes_slot = vec![true; plan.steps.len()];
        let (version, snapshot) = (version(&plan), snapshot(&self.machine, &self.free_attempts));
        let now = Timestamp::from_micros(self.now);
        let recovered = RunMachine::recover(plan, takes_slot, parallel_calls, &version, &snapshot, now)
            .expect("every state that was committed can be taken up");
        self.machine = recovered.machine;
        self.pending = recovered.transition.commands;
    }
}
