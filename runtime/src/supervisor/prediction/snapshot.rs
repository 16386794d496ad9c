//! A prediction as a caller sees it.

use cog_schema::Delivery;
use cog_schema::envelope::Status;
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::Prediction;

/// A view of a prediction. Serialised like `cog_schema::envelope::PredictionResponse`, with output that is never
/// taken apart.
#[derive(Clone, Copy, Debug)]
pub(in crate::supervisor) struct Snapshot<'a> {
    prediction: &'a Prediction,
    with_input: bool,
}

impl Prediction {
    /// How it stands, for who made it.
    pub(in crate::supervisor) fn snapshot(&self) -> Snapshot<'_> {
        Snapshot { prediction: self, with_input: false }
    }

    /// How it stands, for somebody who joins it or asks for it.
    pub(in crate::supervisor) fn snapshot_with_input(&self) -> Snapshot<'_> {
        Snapshot { prediction: self, with_input: true }
    }

    fn output(&self) -> Output<'_> {
        match (self.status, self.delivery) {
            (Status::Succeeded, Delivery::Single) => Output::One(self.pieces.last().map(|piece| &**piece)),
            (Status::Succeeded, Delivery::Iterator | Delivery::Concatenate) => Output::List(&self.pieces),
            // A value that came before the failure is a value still.
            (Status::Failed | Status::Canceled, Delivery::Single) => {
                self.pieces.last().map_or(Output::None, |piece| Output::One(Some(&**piece)))
            }
            // While it runs, even a single value is shown as a list of what there is; a list is one already.
            _ => match &self.pieces[..] {
                [] => Output::None,
                [list] if self.delivery == Delivery::Single && list.get().starts_with('[') => {
                    Output::One(Some(list))
                }
                pieces => Output::List(pieces),
            },
        }
    }
}

impl Serialize for Snapshot<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Prediction { id, input, status, error, logs, metrics, .. } = self.prediction;
        let output = self.prediction.output();
        let mut object = to.serialize_struct("Prediction", 7)?;
        if let Some(error) = error {
            object.serialize_field("error", error)?;
        }
        object.serialize_field("id", id)?;
        if self.with_input {
            object.serialize_field("input", input)?;
        }
        object.serialize_field("logs", logs)?;
        object.serialize_field("metrics", metrics.tree())?;
        if !matches!(output, Output::None) {
            object.serialize_field("output", &output)?;
        }
        object.serialize_field("status", status)?;
        object.end()
    }
}

enum Output<'a> {
    None,
    One(Option<&'a RawValue>),
    List(&'a [Box<RawValue>]),
}

impl Serialize for Output<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::None | Self::One(None) => to.serialize_unit(),
            Self::One(Some(value)) => value.serialize(to),
            Self::List(pieces) => pieces.serialize(to),
        }
    }
}
