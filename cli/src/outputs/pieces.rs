//! An output piece by piece, on its way out while the model still works.
//!
//! What is printed in pieces is, all together, what would have been printed at once.

use cog_schema::{Delivery, Signature};
use serde_json::Value;

use super::destination::{Destination, all_path, may_be_file};
use super::{Error, Written};

/// An output that is on its way.
#[derive(Debug)]
pub struct Pieces {
    destination: Destination,
    form: Form,
    count: usize,
    /// How many of them were printed.
    printed: usize,
    /// Whether what was printed ends a line.
    ends_line: bool,
}

#[derive(Debug, Clone, Copy)]
enum Form {
    /// Text that reads as one.
    Text,
    /// The items of a JSON array.
    Items,
    /// Files, one for each piece.
    Files,
}

impl Destination {
    /// What a model with this signature gives, piece by piece. `None` where it has to be whole before any of it can go
    /// where it should.
    pub fn pieces(&self, signature: &Signature) -> Option<Pieces> {
        let output = &signature.output;
        let form = match output.delivery {
            _ if self.is_whole() => return None,
            Delivery::Single => return None,
            Delivery::Concatenate => Form::Text,
            Delivery::Iterator if all_path(&output.ty) => Form::Files,
            Delivery::Iterator if may_be_file(Some(&output.ty)) => return None,
            Delivery::Iterator => Form::Items,
        };
        // A named file is written once, and whole.
        if self.is_named() && !matches!(form, Form::Files) {
            return None;
        }
        Some(Pieces { destination: self.clone(), form, count: 0, printed: 0, ends_line: false })
    }
}

impl Pieces {
    /// What to do with the next piece.
    ///
    /// # Errors
    /// A file that cannot be written, a data URL that is none.
    pub fn next(&mut self, piece: &Value) -> Result<Written, Error> {
        let mut written = Written::default();
        match (self.form, piece) {
            (Form::Text, Value::String(text)) => written.stdout.clone_from(text),
            (Form::Text, other) => written.stdout = other.to_string(),
            (Form::Items, item) => written.stdout = self.item(item),
            (Form::Files, piece) => match self.destination.numbered(piece.clone(), self.count)? {
                (_, Some(file)) => written.files.push(file),
                // Where the model hands out addresses, these are the output.
                (address, None) => written.stdout = self.item(&address),
            },
        }
        self.count += 1;
        if !written.stdout.is_empty() {
            self.printed += 1;
            self.ends_line = written.stdout.ends_with('\n');
        }
        Ok(written)
    }

    fn item(&self, item: &Value) -> String {
        let before = if self.printed == 0 { "[\n  " } else { ",\n  " };
        format!("{before}{}", format!("{item:#}").replace('\n', "\n  "))
    }

    /// What is left to print once the prediction has ended, well or not.
    pub fn end(&self, succeeded: bool) -> Written {
        let mut written = Written::default();
        let list = matches!(self.form, Form::Items) || self.printed > 0 && matches!(self.form, Form::Files);
        written.stdout.push_str(match (list, self.printed) {
            (true, 0) if succeeded => "[]\n",
            (true, 1..) if succeeded => "\n]\n",
            (false, 0) if succeeded && matches!(self.form, Form::Text) => "\n",
            (_, 1..) if !self.ends_line => "\n",
            _ => "",
        });
        if succeeded && self.count == 0 && matches!(self.form, Form::Files) {
            written.warnings.push("the model gave no output".to_owned());
        }
        written
    }
}
