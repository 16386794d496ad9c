//! What the expansion of a batch calls.

use std::sync::Arc;

use super::{Arguments, Map, deliver, settle};
use crate::Inputs;
use crate::model::{Ended, Failure, Item, OutputValue, Prediction, Predictor, Running};

/// What a batch takes of each prediction. One place for the bound, as with [`Parameter`](super::Parameter).
pub trait Together {
    /// The type that holds the inputs.
    type Inputs: Inputs;
}

/// The declarations of the inputs.
pub fn inputs<P: Together>() -> Vec<cog_schema::Input> {
    P::Inputs::declarations()
}

/// A single prediction by a function that makes several at once.
pub fn batch_of_one<P: Predictor>(predictor: Arc<P>, input: Map, prediction: Prediction) -> Running {
    Running::Blocking(Box::new(move || {
        let items = vec![Item { input, prediction }];
        let ended = P::BATCH.and_then(|batch| (batch.run)(&predictor, items).pop());
        ended.unwrap_or_else(|| Err(Failure::Error("the batch gave no answer".to_owned())))
    }))
}

/// Hands the inputs to the author's function, and delivers what it gives for each. An input that cannot be read, an
/// error or a value that JSON cannot say is the fault of one; an error of the whole is everybody's.
pub fn together<P: Together, A>(
    items: Vec<Item>,
    call: impl FnOnce(Vec<P::Inputs>, &[Prediction]) -> Result<Vec<A>, Failure>,
    output: impl Fn(A) -> Result<OutputValue, Failure>,
) -> Vec<Ended> {
    let (mut inputs, mut predictions) = (Vec::new(), Vec::new());
    let mut ended: Vec<Ended> = Vec::with_capacity(items.len());
    for Item { input, prediction } in items {
        ended.push(P::Inputs::take(&mut Arguments(input)).map(|input| {
            inputs.push(input);
            predictions.push(prediction);
        }));
    }
    if inputs.is_empty() {
        return ended;
    }
    let count = predictions.len();
    let answers = call(inputs, &predictions).and_then(|answers| match answers.len() {
        given if given == count => Ok(answers),
        given => Err(Failure::Error(format!(
            "`predict` gave {given} answers for a batch of {count}; it must give one for each input, in their order"
        ))),
    });
    let made = ended.iter_mut().filter(|ended| ended.is_ok());
    match answers {
        Ok(answers) => {
            for ((ended, prediction), answer) in made.zip(&predictions).zip(answers) {
                *ended = settle(deliver_unless_cancelled(prediction, || output(answer)), prediction);
            }
        }
        Err(failure) => made.for_each(|ended| *ended = Err(failure.clone())),
    }
    ended
}

fn deliver_unless_cancelled(
    prediction: &Prediction,
    value: impl FnOnce() -> Result<OutputValue, Failure>,
) -> Result<(), Failure> {
    if prediction.cancelled() {
        return Err(Failure::Canceled);
    }
    deliver(prediction, value())
}
