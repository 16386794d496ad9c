#![no_implicit_prelude]

#[::core::prelude::v1::derive(::cog::Choice)]
enum Word {
    One,
}

#[::core::prelude::v1::derive(::cog::Output)]
struct Answer {
    word: Word,
}

#[::core::prelude::v1::derive(::cog::Input)]
enum Prompt {
    Text(::std::string::String),
}

#[::cog::predict]
fn ask(prompt: Prompt, #[input(default = "one")] word: Word) -> Answer {
    let Prompt::Text(_) = prompt;
    Answer { word }
}

struct Model;

#[::cog::predictor]
impl Model {
    async fn setup(_: &::cog::Setup) -> ::cog::Result<Self> {
        ::std::result::Result::Ok(Self)
    }

    fn predict(&self, n: u8) -> ::std::boxed::Box<dyn ::std::iter::Iterator<Item = u8>> {
        ::std::boxed::Box::new(::std::iter::once(n))
    }

    async fn healthcheck(&self) -> bool {
        true
    }
}

fn main() {
    let _ = (::cog::main::<ask>, ::cog::main::<Model>);
}
