//! Histories under simulated time: seeds that found something once, some more, the same twice, and bugs planted to see
//! that they are found. `cargo xtask simulate` lives thousands.

use branchline_runtime::planted::Planted;
use branchline_runtime::simulation::simulate;

fn is_good(seed: u64) {
    let report = simulate(seed, None, false);
    assert_eq!(report.violation, None, "again: cargo xtask simulate --seed {seed} --trace");
}

#[test]
fn seeds_that_found_something_find_it_no_more() {
    let lines = include_str!("seeds.txt").lines().filter(|line| !line.starts_with('#'));
    let seeds: Vec<u64> = lines.filter_map(|line| line.split_whitespace().next()?.parse().ok()).collect();
    assert!(!seeds.is_empty());
    seeds.into_iter().for_each(is_good);
}

#[test]
fn some_histories_hold_every_invariant() {
    (0..40).for_each(is_good);
}

#[test]
fn the_same_seed_gives_the_same_history() {
    for seed in 1_000..1_006 {
        let (one, other) = (simulate(seed, None, true), simulate(seed, None, true));
        assert_eq!(one.lines, other.lines);
        assert_eq!(one.hash, other.hash);
    }
}

#[test]
fn a_planted_bug_is_found() {
    let finds = |bug| (0..200).any(|seed| simulate(seed, Some(bug), false).violation.is_some());
    for bug in [Planted::ActBeforePersist, Planted::JoinEarly, Planted::UnknownCommitIsFailure] {
        assert!(finds(bug), "{bug:?}");
    }
}
