//! What the door promises, held against a real engine. Needs one, and the image `debian:bookworm-slim`.

#![expect(clippy::unwrap_used, reason = "a panic is a failed test")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt;

use super::super::testing::engine;
use super::super::{
    Bind, BuildRequest, BuildSecret, Container, ContainerSpec, ContextTar, Engine, Error, Event, Gpus,
    Progress, Quiet, ScratchImage, SecretSource, read_file,
};

const BASE: &str = "debian:bookworm-slim";

#[derive(Debug, Default)]
struct Seen(Vec<Event>);

impl Progress for Seen {
    fn event(&mut self, event: Event) {
        self.0.push(event);
    }
}

impl Seen {
    fn output(&self) -> String {
        let logs = self.0.iter().filter_map(|event| match event {
            Event::StepLog { bytes, .. } => Some(String::from_utf8_lossy(bytes).into_owned()),
            _ => None,
        });
        logs.collect()
    }
}

fn context(files: &[(&str, &str)]) -> ContextTar {
    let mut tar = tar::Builder::new(Vec::new());
    for (path, text) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, path, text.as_bytes()).unwrap();
    }
    ContextTar::from_bytes(tar.into_inner().unwrap())
}

fn request(dockerfile: &str) -> BuildRequest {
    BuildRequest {
        context: context(&[("gen/Dockerfile", dockerfile)]),
        dockerfile: "gen/Dockerfile".to_owned(),
        ..BuildRequest::default()
    }
}

fn unique(name: &str) -> String {
    format!("cog-test-{name}:{}", uuid::Uuid::new_v4().simple())
}

fn sleeper() -> ContainerSpec {
    let args = ["sh", "-c", "trap 'exit 3' TERM; echo up; echo down >&2; while :; do sleep 0.1; done"];
    ContainerSpec { image: BASE.to_owned(), args: args.map(str::to_owned).into(), ..ContainerSpec::default() }
}

async fn exists(engine: &Arc<dyn Engine>, name: &str) -> bool {
    let state = engine.state(name).await.unwrap();
    state.error != "it has been removed"
}

#[tokio::test]
async fn a_build_hands_out_secrets_and_reports_its_steps() {
    let Some(engine) = engine().await else { return };
    let tag = unique("secret");
    let nonce = uuid::Uuid::new_v4();
    let dockerfile = format!(
        "FROM {BASE}\nRUN --mount=type=secret,id=token echo {nonce} got:$(cat /run/secrets/token); echo kept > /kept\n"
    );
    let mut request = request(&dockerfile);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "s3cret").unwrap();
    let source = SecretSource::File(file.path().to_owned());
    request.secrets = vec![BuildSecret { id: "token".to_owned(), source }];
    request.labels = BTreeMap::from([("a".to_owned(), "{\"b\": \"c & d\"}".to_owned())]);
    let mut seen = Seen::default();

    let id = engine.build(request, &mut seen).await.unwrap();
    let scratch = ScratchImage::tag(&engine, id.clone(), tag.clone()).await.unwrap();

    assert!(seen.output().contains("got:s3cret"), "{seen:?}");
    assert!(
        seen.0.iter().any(|event| matches!(event, Event::StepStarted { name, .. } if name.contains("RUN")))
    );
    let image = engine.image(&tag).await.unwrap().unwrap();
    assert_eq!(image.id, id);
    assert_eq!(image.labels["a"], "{\"b\": \"c & d\"}");
    assert_eq!(read_file(&engine, &tag, "/kept").await.unwrap().as_deref(), Some(&b"kept\n"[..]));
    assert_eq!(read_file(&engine, &tag, "/run/secrets/token").await.unwrap(), None);
    drop(scratch);
    assert_eq!(engine.image(&tag).await.unwrap(), None);
}

#[tokio::test]
async fn a_secret_that_cannot_be_read_stops_the_build_before_it_begins() {
    let Some(engine) = engine().await else { return };
    let mut request = request(&format!("FROM {BASE}\n"));
    let source = SecretSource::Env("COG_TEST_NOT_SET".to_owned());
    request.secrets = vec![BuildSecret { id: "token".to_owned(), source }];
    let error = engine.build(request, &mut Quiet).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot read build secret `token`: environment variable `COG_TEST_NOT_SET` is not set"
    );
}

#[tokio::test]
async fn a_failing_step_is_named_and_leaves_no_image() {
    let Some(engine) = engine().await else { return };
    let dockerfile = format!("FROM {BASE}\nRUN echo the compiler speaks >&2; exit 101\n");
    let mut seen = Seen::default();
    let error = engine.build(request(&dockerfile), &mut seen).await.unwrap_err();
    assert!(matches!(&error, Error::BuildStep { step, .. } if step.contains("exit 101")), "{error:?}");
    assert!(seen.output().contains("the compiler speaks"));
}

#[tokio::test]
async fn a_program_that_finds_the_disk_full_is_told_as_such() {
    let Some(engine) = engine().await else { return };
    let dockerfile = format!("FROM {BASE}\nRUN echo {} | cat >/dev/full\n", uuid::Uuid::new_v4());
    let error = engine.build(request(&dockerfile), &mut Quiet).await.unwrap_err();
    assert!(matches!(&error, Error::NoSpace { .. }), "{error:?}");
    assert!(error.hint().unwrap().contains("docker system df"));
}

#[tokio::test]
async fn a_base_image_that_is_not_to_be_had_is_named() {
    let Some(engine) = engine().await else { return };
    // No such registry, and no such image: the latter whether or not its registry can be reached.
    for reference in ["127.0.0.1:1/no/such:v1", "rust:1.9999-slim-bookworm"] {
        let error = engine.build(request(&format!("FROM {reference}\n")), &mut Quiet).await.unwrap_err();
        assert!(
            matches!(&error, Error::BaseImage { reference: named, .. } if named == reference),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn a_context_that_cannot_be_read_is_the_cause_of_its_build() {
    let Some(engine) = engine().await else { return };
    let mut request = request("FROM scratch\n");
    request.context = ContextTar::new(|_| Err(std::io::Error::other("file vanished")));
    let error = engine.build(request, &mut Quiet).await.unwrap_err();
    assert_eq!(error.to_string(), "cannot read the build context: file vanished", "{error:?}");
}

#[tokio::test]
async fn a_dropped_build_is_abandoned_by_the_engine() {
    let Some(engine) = engine().await else { return };
    let marker = uuid::Uuid::new_v4().simple().to_string();
    let dockerfile = format!("FROM {BASE}\nRUN : {marker}; sleep 61\n");
    let mut seen = Seen::default();
    let build = engine.build(request(&dockerfile), &mut seen);
    assert!(tokio::time::timeout(Duration::from_secs(5), build).await.is_err());
    assert!(
        seen.0.iter().any(|event| matches!(event, Event::StepStarted { name, .. } if name.contains(&marker)))
    );

    assert!(!running(&marker), "the step still runs");
}

/// Whether a process of this machine has `marker` among its arguments. True only of engines on this machine.
fn running(marker: &str) -> bool {
    std::fs::read_dir("/proc").unwrap().flatten().any(|entry| {
        std::fs::read(entry.path().join("cmdline"))
            .is_ok_and(|arguments| arguments.windows(marker.len()).any(|window| window == marker.as_bytes()))
    })
}

#[tokio::test]
async fn a_build_dropped_at_any_moment_leaves_no_image() {
    let Some(engine) = engine().await else { return };
    for patience in [1, 20, 50, 100, 150, 200, 300, 500] {
        let label = uuid::Uuid::new_v4().simple().to_string();
        let dockerfile = format!("FROM {BASE}\nLABEL cog.test={label}\n");
        let mut quiet = Quiet;
        let build = engine.build(request(&dockerfile), &mut quiet);
        let ended = tokio::time::timeout(Duration::from_millis(patience), build).await.is_ok();
        let images =
            || docker(&["images", "-aq", "--no-trunc", "--filter", &format!("label=cog.test={label}")]);
        if ended {
            engine.remove_image_elsewhere(&images());
        }
        assert_eq!(images(), "", "after {patience} ms");
    }
}

#[tokio::test]
async fn a_closed_container_has_been_asked_to_end_and_is_gone() {
    let Some(engine) = engine().await else { return };
    let container = Container::start(&engine, sleeper()).await.unwrap();
    let name = container.name().to_owned();
    let logs = container.logs();
    assert!(container.state().await.unwrap().running);
    let reader = tokio::spawn(logs.collect::<Vec<_>>());
    tokio::time::sleep(Duration::from_millis(300)).await;
    let begun = Instant::now();
    container.close(Duration::from_secs(30)).await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
    assert!(!exists(&engine, &name).await);
    let chunks: Vec<_> = reader.await.unwrap().into_iter().map(Result::unwrap).collect();
    assert!(chunks.iter().any(|chunk| !chunk.is_stderr && chunk.bytes == "up\n"), "{chunks:?}");
    assert!(chunks.iter().any(|chunk| chunk.is_stderr && chunk.bytes == "down\n"), "{chunks:?}");
}

#[tokio::test]
async fn a_dropped_container_is_gone() {
    let Some(engine) = engine().await else { return };
    let container = Container::start(&engine, sleeper()).await.unwrap();
    let name = container.name().to_owned();
    drop(container);
    assert!(!exists(&engine, &name).await);
}

#[tokio::test]
async fn a_panic_leaves_no_container() {
    let Some(engine) = engine().await else { return };
    let (tell, told) = tokio::sync::oneshot::channel();
    let task = {
        let engine = Arc::clone(&engine);
        tokio::spawn(async move {
            let container = Container::start(&engine, sleeper()).await.unwrap();
            tell.send(container.name().to_owned()).unwrap();
            panic!("as it happens");
        })
    };
    let name = told.await.unwrap();
    assert!(task.await.is_err());
    assert!(!exists(&engine, &name).await);
}

#[tokio::test]
async fn a_start_given_up_at_any_moment_leaves_no_container() {
    let Some(engine) = engine().await else { return };
    let label = uuid::Uuid::new_v4().simple().to_string();
    for patience in [0, 1, 5, 20, 50, 100, 200, 400] {
        let spec =
            ContainerSpec { labels: BTreeMap::from([("cog.test".to_owned(), label.clone())]), ..sleeper() };
        let start = Container::start(&engine, spec);
        drop(tokio::time::timeout(Duration::from_millis(patience), start).await);
    }
    assert_eq!(docker(&["ps", "-aq", "--filter", &format!("label=cog.test={label}")]), "");
}

fn docker(arguments: &[&str]) -> String {
    let output = std::process::Command::new("docker").args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[tokio::test]
async fn a_container_has_its_port_variables_and_directories() {
    let Some(engine) = engine().await else { return };
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("in"), "from the host").unwrap();
    let script = "cat '/data: x/in'; echo $COLOUR; touch '/data: x/out' || echo read-only; sleep 60";
    let spec = ContainerSpec {
        image: BASE.to_owned(),
        args: ["sh", "-c", script].map(str::to_owned).into(),
        env: vec!["COLOUR=deep red".to_owned()],
        port: Some(5000),
        binds: vec![Bind { source: directory.path().into(), target: "/data: x".to_owned(), read_only: true }],
        shm_size: Some(6 << 30),
        ..ContainerSpec::default()
    };
    let container = Container::start(&engine, spec).await.unwrap();
    assert!(container.state().await.unwrap().host_port.unwrap() > 0);
    let mut text = String::new();
    let mut logs = container.logs();
    while !text.contains("read-only\n") {
        text += &String::from_utf8_lossy(&logs.next().await.unwrap().unwrap().bytes);
    }
    assert!(text.contains("from the host"), "{text}");
    assert!(text.contains("deep red"), "{text}");
}

#[tokio::test]
async fn an_ended_container_tells_how() {
    let Some(engine) = engine().await else { return };
    let args = ["sh", "-c", "exit 7"].map(str::to_owned).into();
    let spec = ContainerSpec { image: BASE.to_owned(), args, ..ContainerSpec::default() };
    let container = Container::start(&engine, spec).await.unwrap();
    let state = loop {
        let state = container.state().await.unwrap();
        if !state.running {
            break state;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(state.exit_code, Some(7));
}

#[tokio::test]
async fn gpus_that_cannot_be_given_are_left_out_when_all_were_asked_for() {
    let Some(engine) = engine().await else { return };
    let spec = ContainerSpec { gpus: Some(Gpus::All), ..sleeper() };
    let container = Container::start(&engine, spec).await.unwrap();
    assert!(container.gpus_dropped());

    let spec = ContainerSpec { gpus: Some(Gpus::Count(1)), ..sleeper() };
    let error = Container::start(&engine, spec).await.unwrap_err();
    assert!(matches!(error, Error::NoGpuDriver { .. }), "{error:?}");
}

#[tokio::test]
async fn a_port_in_use_is_told_by_number() {
    let Some(engine) = engine().await else { return };
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let spec = ContainerSpec { port: Some(5000), host_port: Some(port), ..sleeper() };
    let error = Container::start(&engine, spec).await.unwrap_err();
    assert!(matches!(error, Error::PortInUse { port: told } if told == port), "{error:?}");
}

#[tokio::test]
async fn an_image_that_is_not_there_is_none_and_cannot_run() {
    let Some(engine) = engine().await else { return };
    let reference = unique("absent");
    assert_eq!(engine.image(&reference).await.unwrap(), None);
    let spec = ContainerSpec { image: reference.clone(), ..ContainerSpec::default() };
    let error = Container::start(&engine, spec).await.unwrap_err();
    assert!(matches!(&error, Error::NoSuchImage { reference: named } if *named == reference), "{error:?}");
    engine.remove_image_elsewhere(&reference);
}

trait Elsewhere {
    /// Blocking calls are made off the runtime.
    fn remove_image_elsewhere(&self, reference: &str);
}

impl Elsewhere for Arc<dyn Engine> {
    fn remove_image_elsewhere(&self, reference: &str) {
        let (engine, reference) = (Arc::clone(self), reference.to_owned());
        std::thread::spawn(move || engine.remove_image(&reference)).join().unwrap().unwrap();
    }
}

#[tokio::test]
async fn an_engine_that_is_not_running_is_told_with_a_way_out() {
    let directory = tempfile::tempdir().unwrap();
    let missing = super::Address::Unix(directory.path().join("docker.sock"));
    let error = super::connect_to(missing).await.unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
    let hint = error.hint().unwrap();
    assert!(hint.contains("start Docker") && hint.contains("--local"), "{hint}");

    let refused = super::Address::Tcp("127.0.0.1:1".to_owned());
    assert!(matches!(super::connect_to(refused).await, Err(Error::Unreachable { .. })));

    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = super::Address::Tcp(silent.local_addr().unwrap().to_string());
    let error = super::connect_to(address).await.unwrap_err();
    assert!(error.to_string().ends_with("no answer within 5 s"), "{error}");

    let forbidden = directory.path().join("forbidden.sock");
    let error = Error::Forbidden { address: forbidden.display().to_string() };
    assert!(error.hint().unwrap().contains("--local"));
}

/// A registry of the test's own; gone when this is.
struct Registry {
    process: std::process::Child,
    address: String,
    _home: tempfile::TempDir,
}

impl Registry {
    /// `None` where Debian's `docker-registry` is not installed.
    fn guarded() -> Option<Self> {
        let home = tempfile::tempdir().unwrap();
        let place = home.path().display();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let config = format!(
            "version: 0.1\nstorage: {{ filesystem: {{ rootdirectory: {place}/blobs }} }}\n\
             http: {{ addr: \"127.0.0.1:{port}\" }}\nauth: {{ htpasswd: {{ realm: t, path: {place}/htpasswd }} }}\n"
        );
        std::fs::write(home.path().join("config.yml"), config).unwrap();
        // `correct-horse`, as `htpasswd -B` writes it.
        let line = "tester:$2b$04$bYybVyoeC0tMyonNl3EMRutVePMDiWTlykoGbDFT2iMZdRC0yN5j.\n";
        std::fs::write(home.path().join("htpasswd"), line).unwrap();
        let process = std::process::Command::new("docker-registry")
            .args(["serve", "config.yml"])
            .current_dir(home.path())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .ok()?;
        let address = format!("127.0.0.1:{port}");
        let registry = Self { process, address, _home: home };
        while std::net::TcpStream::connect(&registry.address).is_err() {
            std::thread::sleep(Duration::from_millis(50));
        }
        Some(registry)
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn login(password: &str) -> Option<crate::credentials::Login> {
    Some(crate::credentials::Login::Password { username: "tester".to_owned(), password: password.to_owned() })
}

#[tokio::test]
async fn a_push_and_a_pull_go_through_with_the_right_password_only() {
    use super::transfer;

    let Some(registry) = Registry::guarded() else { return };
    let Some(engine) = engine().await else { return };
    let reference = format!("{}/me/hello:v1", registry.address);
    let id = engine
        .build(request(&format!("FROM {BASE}\nRUN echo {reference} > /there\n")), &mut Quiet)
        .await
        .unwrap();
    let scratch = ScratchImage::tag(&engine, id, reference.clone()).await.unwrap();
    let docker =
        super::DockerEngine::at(super::Surroundings::of_this_process().address().unwrap()).await.unwrap();
    let name = crate::reference::Reference::parse(&reference).unwrap();

    for refused in [None, login("wrong-horse")] {
        let error = transfer::push_as(&docker, &name, refused, &mut Quiet).await.unwrap_err();
        assert!(
            matches!(&error, Error::Unauthorized { registry: told, .. } if *told == registry.address),
            "{error:?}"
        );
        assert!(error.hint().unwrap().contains(&format!("cog login {}", registry.address)));
    }
    let mut seen = Seen::default();
    let digest = transfer::push_as(&docker, &name, login("correct-horse"), &mut seen).await.unwrap();
    assert!(digest.starts_with("sha256:"), "{digest}");
    assert!(seen.0.iter().any(|event| matches!(event, Event::Layer { .. })), "{seen:?}");

    drop(scratch);
    assert_eq!(engine.image(&reference).await.unwrap(), None);
    assert!(matches!(
        transfer::pull_as(&docker, &name, login("wrong-horse"), &mut Quiet).await,
        Err(Error::Unauthorized { .. })
    ));
    let absent = crate::reference::Reference::parse(&format!("{}/me/absent:v1", registry.address)).unwrap();
    let error = transfer::pull_as(&docker, &absent, login("correct-horse"), &mut Quiet).await.unwrap_err();
    assert!(matches!(error, Error::NotInRegistry { .. }), "{error:?}");
    transfer::pull_as(&docker, &name, login("correct-horse"), &mut Quiet).await.unwrap();
    assert!(engine.image(&reference).await.unwrap().is_some());
    engine.remove_image_elsewhere(&reference);
}

#[tokio::test]
async fn a_registry_that_is_not_there_is_named() {
    let Some(engine) = engine().await else { return };
    let error = engine.pull("127.0.0.1:1/me/hello", &mut Quiet).await.unwrap_err();
    assert!(
        matches!(&error, Error::RegistryUnreachable { registry, .. } if registry == "127.0.0.1:1"),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_build_dropped_while_its_context_is_on_the_way_ends_soon() {
    let Some(engine) = engine().await else { return };
    let mut request = request(&format!("FROM {BASE}\nCOPY large /large\n"));
    request.context = ContextTar::new(|out| {
        let mut header = tar::Header::new_gnu();
        header.set_path("large")?;
        header.set_size(1 << 40);
        header.set_mode(0o644);
        header.set_cksum();
        out.write_all(header.as_bytes())?;
        loop {
            out.write_all(&[0; 64 << 10])?;
            std::thread::sleep(Duration::from_millis(10));
        }
    });
    let begun = Instant::now();
    let mut quiet = Quiet;
    let build = engine.build(request, &mut quiet);
    assert!(tokio::time::timeout(Duration::from_secs(1), build).await.is_err());
    assert!(begun.elapsed() < Duration::from_secs(6), "{:?}", begun.elapsed());
}
