//! How the neutral values are written on PostgreSQL: in its binary formats.

use std::io::{self, Write};

use diesel::deserialize::{self, FromSql};
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::BigInt;
use serde::Serialize as _;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter, Serializer};
use uuid::Uuid;

use crate::sql_types::{DbDoc, DbInstant, DbUid, Doc, Instant, Uid};

/// Microseconds from 1970 to 2000, where PostgreSQL begins to count.
const EPOCH_MICROS: i64 = 946_684_800_000_000;

/// The version of the binary format of `jsonb`, its first byte.
const JSONB_VERSION: u8 = 1;

impl ToSql<Uid, Pg> for DbUid {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(self.0.as_bytes())?;
        Ok(IsNull::No)
    }
}

impl FromSql<Uid, Pg> for DbUid {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(Uuid::from_slice(value.as_bytes())?))
    }
}

impl ToSql<Instant, Pg> for DbInstant {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        let micros = self.0.checked_sub(EPOCH_MICROS).ok_or("a time before all calendars")?;
        <i64 as ToSql<BigInt, Pg>>::to_sql(&micros, &mut out.reborrow())
    }
}

impl FromSql<Instant, Pg> for DbInstant {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let micros = <i64 as FromSql<BigInt, Pg>>::from_sql(value)?;
        Ok(Self(micros.checked_add(EPOCH_MICROS).ok_or("a time after all calendars")?))
    }
}

impl ToSql<Doc, Pg> for DbDoc {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(&[JSONB_VERSION])?;
        self.0.serialize(&mut Serializer::with_formatter(out, JsonbFormatter))?;
        Ok(IsNull::No)
    }
}

impl FromSql<Doc, Pg> for DbDoc {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        match value.as_bytes().split_first() {
            Some((&JSONB_VERSION, text)) => Ok(Self(serde_json::from_slice(text)?)),
            _ => Err("a document in an unknown format".into()),
        }
    }
}

/// `jsonb` keeps numbers as decimals and gives `1e16` back without its exponent, which would make it an integer. Written
/// out with a fraction it stays what it is.
struct JsonbFormatter;

impl Formatter for JsonbFormatter {
    fn write_f64<W: ?Sized + Write>(&mut self, writer: &mut W, number: f64) -> io::Result<()> {
        let text = number.to_string();
        writer.write_all(text.as_bytes())?;
        if text.contains('.') { Ok(()) } else { writer.write_all(b".0") }
    }

    fn write_char_escape<W: ?Sized + Write>(&mut self, writer: &mut W, escape: CharEscape) -> io::Result<()> {
        match escape {
            // `jsonb` has no way to say it; the sign for it does.
            CharEscape::AsciiControl(0) => writer.write_all("\u{2400}".as_bytes()),
            escape => CompactFormatter.write_char_escape(writer, escape),
        }
    }
}
