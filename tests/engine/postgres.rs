//! The same runs on SQLite and on PostgreSQL, with 1 and with 64 calls at a time: values and bindings are the same to
//! the byte.

use branchline_runtime::engine::{RunOptions, RunRest};
use branchline_schema_model::run::ErrorClass;
use serde_json::json;

use crate::article::ARTICLE;
use crate::flow::TURNS;
use crate::house::{House, TestModel, inputs};
use crate::launch::{LAUNCH, options};
use crate::tolerance::FAILING;

/// Runs everywhere; the model refuses `fails` for good.
async fn same(yaml: &str, options: impl Fn(u32) -> RunOptions, fails: &[&str]) {
    let mut told = Vec::new();
    for (is_server, calls) in [(false, 1), (false, 64), (true, 1), (true, 64)] {
        let model = TestModel::with_list_of(3);
        for address in fails {
            model.fail(address, &[ErrorClass::Refused]);
        }
        let house =
            if is_server { House::on_postgres(model, calls).await } else { House::on_sqlite(model, calls) };
        let (run, rest) = house.run(yaml, options(calls)).await;
        assert!(matches!(rest, RunRest::Ended(_)), "{rest:?}");
        let hashes: Vec<String> = house.values(run).await.into_iter().map(|view| view.value.hash).collect();
        assert!(hashes.len() > 2);
        told.push((house.bindings(run).await, house.texts(run).await, hashes));
    }
    for other in &told[1..] {
        assert_eq!(*other, told[0]);
    }
}

fn unattended(given: &str) -> impl Fn(u32) -> RunOptions {
    move |parallel_calls| RunOptions {
        parallel_calls: Some(parallel_calls),
        unattended: true,
        ..inputs([(given, json!("a \"talk\" & <more>, 1e16, ä"))])
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_article_is_the_same() {
    same(ARTICLE, unattended("transcript"), &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn turns_and_tolerated_failures_are_the_same() {
    let turns = TURNS.replace(r#""has(good) && good""#, r#""has(draft) && draft.contains('+2.write')""#);
    same(&format!("name: turns\n{turns}"), unattended("topic"), &[]).await;
    let failing = FAILING.replace("AT", "on_error: skip,");
    same(&format!("name: failing\n{failing}"), unattended("topic"), &["main.write/2"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_launch_of_38_steps_is_the_same() {
    same(LAUNCH, options, &[]).await;
}
