//! The tree of PostgreSQL on a throw-away server: up, down and up again, and the same tables as on SQLite.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::database::{Column, ColumnKind, Table};
use crate::postgres::Server;
use crate::workspace;

/// Everything that a migration may make, one line each.
const DEFINITIONS: &str = "
SELECT 'column ' || tables.relname || '.' || columns.attname || ' ' || format_type(columns.atttypid, columns.atttypmod)
    || ' ' || columns.attnotnull || ' ' || columns.attcollation::regcollation
    || ' ' || coalesce(pg_get_expr(defaults.adbin, defaults.adrelid), '')
FROM pg_class AS tables
JOIN pg_attribute AS columns ON columns.attrelid = tables.oid AND columns.attnum > 0 AND NOT columns.attisdropped
LEFT JOIN pg_attrdef AS defaults ON defaults.adrelid = tables.oid AND defaults.adnum = columns.attnum
WHERE tables.relnamespace = 'public'::regnamespace AND tables.relkind IN ('r', 'v')
UNION ALL SELECT 'constraint ' || conrelid::regclass || ' ' || pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'view ' || viewname || ' ' || replace(definition, chr(10), ' ') FROM pg_views WHERE schemaname = 'public'
ORDER BY 1";

/// Table, column, type, nullable, place in the primary key, table it refers to.
const COLUMNS: &str = "
SELECT tables.relname, columns.attname, format_type(columns.atttypid, columns.atttypmod), NOT columns.attnotnull,
    coalesce(array_position(keys.conkey, columns.attnum), 0), coalesce(targets.relname, '')
FROM pg_class AS tables
JOIN pg_attribute AS columns ON columns.attrelid = tables.oid AND columns.attnum > 0 AND NOT columns.attisdropped
LEFT JOIN pg_constraint AS keys ON keys.conrelid = tables.oid AND keys.contype = 'p'
LEFT JOIN pg_constraint AS foreign_keys ON foreign_keys.conrelid = tables.oid AND foreign_keys.contype = 'f'
    AND foreign_keys.conkey[1] = columns.attnum
LEFT JOIN pg_class AS targets ON targets.oid = foreign_keys.confrelid
WHERE tables.relnamespace = 'public'::regnamespace AND tables.relkind = 'r'
ORDER BY tables.relname, columns.attnum";

/// Checks the tree, and compares what it makes with the tables of the other one.
pub(super) fn check(server: &Server, sqlite: &[Table]) -> Result<()> {
    let url = server.database("migrations")?;
    let folders = folders()?;
    let run = |folder: &PathBuf, file: &str| -> Result<()> {
        let path = folder.join(file);
        let text =
            std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        server.query(&url, &text).map(drop).with_context(|| format!("{}", path.display()))
    };
    folders.iter().try_for_each(|folder| run(folder, "up.sql"))?;
    let first = server.query(&url, DEFINITIONS)?;
    compare(sqlite, &tables(&server.query(&url, COLUMNS)?)?)?;
    folders.iter().rev().try_for_each(|folder| run(folder, "down.sql"))?;
    let left = server.query(&url, DEFINITIONS)?;
    if let Some(left) = left.lines().next() {
        bail!("PostgreSQL: after reverting all migrations this is left: {left}");
    }
    folders.iter().try_for_each(|folder| run(folder, "up.sql"))?;
    let second = server.query(&url, DEFINITIONS)?;
    if first != second {
        let differ = first.lines().zip(second.lines()).find(|(before, after)| before != after);
        bail!("PostgreSQL: after up, down and up again it is not the same: {differ:?}");
    }
    println!("{} migrations of PostgreSQL too, to the same tables", folders.len());
    Ok(())
}

/// The migrations, oldest first.
fn folders() -> Result<Vec<PathBuf>> {
    let tree = workspace::root().join("migrations/postgres");
    let entries = std::fs::read_dir(&tree).with_context(|| format!("cannot read {}", tree.display()))?;
    let mut folders: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    folders.sort();
    Ok(folders)
}

fn tables(lines: &str) -> Result<Vec<Table>> {
    let mut tables: BTreeMap<&str, Vec<Column>> = BTreeMap::new();
    for line in lines.lines() {
        let [table, column, declared, nullable, key, target] = line.split('|').collect::<Vec<_>>()[..] else {
            bail!("cannot read the column `{line}`");
        };
        tables.entry(table).or_default().push(Column {
            name: column.to_owned(),
            kind: kind(declared).with_context(|| format!("`{table}.{column}`"))?,
            nullable: nullable == "t",
            key: key.parse()?,
            references: (!target.is_empty()).then(|| target.to_owned()),
        });
    }
    Ok(tables.into_iter().map(|(name, columns)| Table { name: name.to_owned(), columns }).collect())
}

fn kind(declared: &str) -> Result<ColumnKind> {
    Ok(match declared {
        "uuid" => ColumnKind::Id,
        "text" => ColumnKind::Text,
        "jsonb" => ColumnKind::Document,
        "timestamp with time zone" => ColumnKind::Time,
        "integer" => ColumnKind::Integer,
        "bigint" => ColumnKind::BigInteger,
        "boolean" => ColumnKind::Truth,
        other => bail!("the type `{other}` has no meaning on SQLite"),
    })
}

/// Fails at the first column that one tree has otherwise than the other.
fn compare(sqlite: &[Table], postgres: &[Table]) -> Result<()> {
    let lines = |tables: &[Table]| -> Vec<String> {
        let lines = tables.iter().flat_map(|table| {
            table.columns.iter().map(|column| format!("{}.{}: {column:?}", table.name, column.name))
        });
        let mut lines: Vec<String> = lines.collect();
        lines.sort();
        lines
    };
    let (sqlite, postgres) = (lines(sqlite), lines(postgres));
    let only = |here: &[String], there: &[String]| here.iter().find(|line| !there.contains(line)).cloned();
    match (only(&sqlite, &postgres), only(&postgres, &sqlite)) {
        (None, None) => Ok(()),
        (sqlite, postgres) => bail!(
            "the trees make different columns\nonly on SQLite: {}\nonly on PostgreSQL: {}",
            sqlite.unwrap_or_default(),
            postgres.unwrap_or_default()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_that_differs_is_named() {
        let sqlite = tables("runs|id|uuid|f|1|\nruns|ended_at|timestamp with time zone|t|0|").unwrap();
        compare(&sqlite, &sqlite).unwrap();
        let postgres = tables("runs|id|uuid|f|1|\nruns|ended_at|timestamp with time zone|f|0|").unwrap();
        let error = compare(&sqlite, &postgres).unwrap_err().to_string();
        assert!(error.contains("runs.ended_at"), "{error}");
        assert!(tables("runs|id|serial|f|1|").is_err());
    }
}
