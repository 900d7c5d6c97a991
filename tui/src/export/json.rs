//! JSON: an array, or one object per line.

use std::io::{self, Write};

use roster_common::Employee;
use serde_json::Value;

use super::columns::ExportColumn;

pub(super) struct JsonExport<W> {
    columns: Vec<ExportColumn>,
    is_array: bool,
    is_empty: bool,
    out: W,
}

impl<W: Write> JsonExport<W> {
    pub(super) fn lines(columns: Vec<ExportColumn>, out: W) -> Self {
        Self {
            columns,
            is_array: false,
            is_empty: true,
            out,
        }
    }

    pub(super) fn array(columns: Vec<ExportColumn>, out: W) -> Self {
        Self {
            is_array: true,
            ..Self::lines(columns, out)
        }
    }

    pub(super) fn add(&mut self, employee: &Employee) -> io::Result<()> {
        let before: &[u8] = match (self.is_array, self.is_empty) {
            (true, true) => b"[\n",
            (true, false) => b",\n",
            (false, _) => b"",
        };
        self.is_empty = false;
        self.out.write_all(before)?;
        self.write_object(employee)?;
        self.out.write_all(if self.is_array { b"" } else { b"\n" })
    }

    /// The members in the order of the columns.
    fn write_object(&mut self, employee: &Employee) -> io::Result<()> {
        let record = serde_json::to_value(employee)?;
        for (i, column) in self.columns.iter().enumerate() {
            let name = column.name();
            let value = record.get(name).unwrap_or(&Value::Null);
            let before = if i == 0 { "{" } else { "," };
            write!(self.out, "{before}\"{name}\":{value}")?;
        }
        self.out.write_all(b"}")
    }

    pub(super) fn finish(mut self) -> io::Result<W> {
        let end: &[u8] = match (self.is_array, self.is_empty) {
            (true, true) => b"[]\n",
            (true, false) => b"\n]\n",
            (false, _) => b"",
        };
        self.out.write_all(end)?;
        Ok(self.out)
    }
}
