#[cog::predictor(concurrency = 3)]
impl Upscaler {
    fn setup(ctx: &Setup) -> Result<Self> {
        Ok(Self { net: Net::load(ctx.weights("net.safetensors")?)? })
    }

    fn predict(
        &self,
        /// Picture to enlarge
        image: cog::Path,
        /// Factor to enlarge by
        #[input(default = 2.0, ge = 1.0, le = 8.0)]
        scale: f32,
        #[input(default = "sharp", choices = ["sharp", "smooth"])] style: String,
        #[input(default = Mode::Fast)] mode: Mode,
        seed: Option<u64>,
        ctx: &Prediction,
    ) -> Result<cog::Path> {
        self.net.run(image, scale, style, mode, seed, ctx)
    }

    async fn healthcheck(&self) -> bool {
        self.net.answers().await
    }
}
