//! The page of all variables of the environment: each is told here, and nowhere else.

use std::fmt::Write;

const PREFACE: &str = "\
# Environment

Every variable that this program, the server in a container, or an image knows. The page is made from a table that a test
compares with the sources.
";

/// Variables with something in common.
struct Group {
    title: &'static str,
    about: &'static str,
    variables: &'static [Variable],
}

/// Its name, or names of one meaning; what is taken where it is not set; what it means.
struct Variable(&'static [&'static str], &'static str, &'static str);

/// Names that the sources make of parts, and names that libraries ask for.
pub(super) const INDIRECT: [&str; 21] = [
    "OTEL_EXPORTER_OTLP_HEADERS",
    "OTEL_EXPORTER_OTLP_PROTOCOL",
    "OTEL_EXPORTER_OTLP_TIMEOUT",
    "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
    "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
    "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
    "NO_COLOR",
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "LD_LIBRARY_PATH",
    "NVIDIA_VISIBLE_DEVICES",
    "NVIDIA_DRIVER_CAPABILITIES",
    "CUDA_PATH",
    "PATH",
    "CARGO_TARGET_DIR",
];

/// All names.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    GROUPS.iter().flat_map(|group| group.variables).flat_map(|variable| variable.0).copied()
}

/// The page.
pub(super) fn page() -> String {
    let mut page = PREFACE.to_owned();
    for group in GROUPS {
        let _ = write!(
            page,
            "\n## {}\n\n{}\n\n| variable | default | |\n|---|---|---|\n",
            group.title, group.about
        );
        for Variable(names, default, meaning) in group.variables {
            let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
            let _ = writeln!(page, "| {} | {default} | {meaning} |", names.join(", "));
        }
    }
    page
}

const GROUPS: &[Group] = &[
    Group {
        title: "The model",
        about: "Read by the server when it starts, in a container and out of one. `docker run -e`, `cog predict -e`, \
                `cog serve -e` and, but for CUDA's and Kubernetes', `environment:` of [cog.yaml](cog-yaml.md) set them.",
        variables: &[
            Variable(&["PORT"], "5000", "where to listen"),
            Variable(
                &["COG_MAX_CONCURRENCY"],
                "the author's",
                "predictions at once in each worker; of a model that makes batches, batches at once. `concurrency` of \
                 cog.yaml puts it into the image",
            ),
            Variable(
                &["COG_WORKERS"],
                "1",
                "processes that hold the model; `per-gpu`: one for each GPU, which sees no other",
            ),
            Variable(
                &["COG_REQUIRE_GPU"],
                "0",
                "`1`: setup fails where there is no NVIDIA GPU; set in images of `gpu: required`",
            ),
            Variable(
                &["CUDA_VISIBLE_DEVICES"],
                "all",
                "CUDA's own: the GPUs that the model may see, and that `per-gpu` counts",
            ),
            Variable(&["COG_SETUP_TIMEOUT"], "none", "whole seconds that setup may take"),
            Variable(
                &["COG_CANCEL_GRACE"],
                "10",
                "seconds that a cancelled prediction may take to stop before its worker is replaced",
            ),
            Variable(
                &["COG_SHUTDOWN_GRACE"],
                "30",
                "seconds that running predictions are waited for on shutdown",
            ),
            Variable(
                &["COG_PREDICT_TIMEOUT"],
                "none",
                "seconds that a prediction may run; then it fails with this reason",
            ),
            Variable(
                &["COG_QUEUE_LIMIT"],
                "0",
                "predictions that may wait for a slot, first come first served, before the next one gets 409 (512 MiB of inputs at most)",
            ),
            Variable(
                &["COG_FINISHED_LIMIT"],
                "100",
                "ended predictions that `GET /predictions/ID` still finds (64 MiB of them at most)",
            ),
            Variable(
                &["COG_STREAM_HISTORY_CAPACITY"],
                "all",
                "past events that a reader who joins a stream gets",
            ),
            Variable(&["COG_WEIGHTS_DIR"], "working directory", "where the model's files are"),
            Variable(
                &["COG_WEIGHTS_MOUNTS"],
                "none",
                "where the weights are that cog.yaml lists, outside a container: `cog predict --local` and `cog serve \
                 --local` set it",
            ),
            Variable(&["COG_INPUT_FILE_LIMIT"], "10 GiB", "bytes that a file input may have"),
            Variable(
                &["COG_FETCH_POLICY"],
                "`any`",
                "`public`: inputs and webhooks reach no private, loopback or reserved address",
            ),
            Variable(
                &["COG_UPLOAD_URL"],
                "none",
                "files of outputs are sent there by `PUT` instead of into data URLs; also `--upload-url`",
            ),
            Variable(
                &["COG_WEBHOOK_SECRET"],
                "none",
                "signs webhooks: `whsec_` and base64, or any text; several between spaces while one replaces another",
            ),
            Variable(
                &["COG_WEBHOOK_OUTBOX"],
                "none",
                "a folder that keeps the last webhook of each prediction until it is delivered, for a day at most",
            ),
            Variable(&["WEBHOOK_AUTH_TOKEN"], "none", "the bearer token that webhooks show"),
            Variable(
                &["COG_THROTTLE_RESPONSE_INTERVAL"],
                "0.5",
                "seconds between a webhook and the next one about logs",
            ),
            Variable(&["COG_USER_AGENT"], "`cog/VERSION`", "how downloads of inputs introduce themselves"),
            Variable(
                &["COG_LOG_LEVEL"],
                "`info`",
                "`debug`, `info`, `warning`, `error`: what the server logs of itself; with `--local`, `warning`",
            ),
            Variable(&["LOG_FORMAT"], "JSON", "`console`: a log for people"),
            Variable(
                &["KUBERNETES_SERVICE_HOST"],
                "",
                "if set, readiness is also told by the file `/var/run/cog/ready`, which the first `GET /health-check` \
                 of a ready model makes; with a read-only file system, `/var/run/cog` has to be a volume",
            ),
            Variable(
                &["COG_WORKER"],
                "",
                "set by the server, where there are several workers, for the model to read: which one it is, from 0",
            ),
        ],
    },
    Group {
        title: "Traces",
        about: "Read by the server, as OpenTelemetry names them; see [operations](operations.md#traces). Those with \
                `_TRACES_` go before those without.",
        variables: &[
            Variable(
                &["OTEL_EXPORTER_OTLP_ENDPOINT"],
                "none: no traces",
                "where to, as a base (`http://collector:4318`)",
            ),
            Variable(&["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"], "", "the same as a full URL"),
            Variable(
                &["OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS"],
                "none",
                "`key=value,…`: credentials",
            ),
            Variable(
                &["OTEL_EXPORTER_OTLP_TIMEOUT", "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT"],
                "10000",
                "milliseconds for one export",
            ),
            Variable(
                &["OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"],
                "`http/json`",
                "with `grpc`, which is not spoken here, nothing is sent",
            ),
            Variable(&["OTEL_SERVICE_NAME"], "`cog`", "the service that spans are of"),
            Variable(
                &["OTEL_RESOURCE_ATTRIBUTES"],
                "none",
                "`key=value,…`: what else is said of this server",
            ),
            Variable(
                &["OTEL_TRACES_SAMPLER"],
                "`parentbased_always_on`",
                "`always_on`, `always_off`, `traceidratio`, each also `parentbased_…`",
            ),
            Variable(&["OTEL_TRACES_SAMPLER_ARG"], "1", "the ratio, from 0 to 1"),
            Variable(&["OTEL_BSP_SCHEDULE_DELAY"], "5000", "milliseconds that a span waits for others"),
            Variable(&["OTEL_TRACES_EXPORTER"], "", "`none`: no traces"),
            Variable(&["OTEL_SDK_DISABLED"], "", "`true`: no traces"),
        ],
    },
    Group {
        title: "Inputs from S3",
        about: "Read by the server of a model with the feature `s3`; see [operations](operations.md#inputs-from-s3).",
        variables: &[
            Variable(
                &["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"],
                "none",
                "who reads; without them, requests are not signed",
            ),
            Variable(&["AWS_SESSION_TOKEN"], "none", "goes with credentials that expire"),
            Variable(&["AWS_REGION", "AWS_DEFAULT_REGION"], "`us-east-1`", "where the buckets are"),
            Variable(&["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"], "AWS", "the service, where it is not AWS"),
        ],
    },
    Group {
        title: "The command",
        about: "Read by `cog`. A flag goes before its variable.",
        variables: &[
            Variable(
                &["COG_BUILDER"],
                "`auto`",
                "what builds images, as `--builder`: `docker`, `host`, `auto`",
            ),
            Variable(
                &["BUILDKIT_PROGRESS"],
                "`auto`",
                "how progress is shown, as `--progress`: `auto`, `tty`, `plain`, `quiet`",
            ),
            Variable(
                &["COG_CACHE_DIR"],
                "`$XDG_CACHE_HOME/cog`, else `~/.cache/cog`",
                "an absolute path: what can be made again is kept there: compiled models, layers, weights",
            ),
            Variable(
                &["COG_CA_CERT"],
                "none",
                "a certificate authority to trust in the engine's build steps, towards registries and sources of \
                 weights, and in the image: a file, a directory, or PEM text, plain or in base64",
            ),
            Variable(
                &["COG_IMAGE_MIRROR"],
                "none",
                "a registry, or a place in one (`registry.example.com/docker-hub`), that base images of Docker Hub are \
                 taken from: `PLACE/library/debian:…` for `debian:…`, `PLACE/nvidia/cuda:…` for `nvidia/cuda:…`",
            ),
            Variable(
                &["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"],
                "none",
                "whom the Hugging Face hub takes `cog weights import` for, where a weight's source is `hf://…`; the first \
                 of the two that is set",
            ),
            Variable(&["HF_ENDPOINT"], "`https://huggingface.co`", "another hub that answers as it does"),
            Variable(
                &["COG_REGISTRY_HOST"],
                "`r8.im`",
                "the registry of `cog login` without a name, and of a `COG_MODEL_REPO` that no registry is named for",
            ),
            Variable(&["COG_MODEL"], "none", "the model's full name, in place of `model:` of cog.yaml"),
            Variable(
                &["COG_MODEL_REGISTRY", "COG_MODEL_REPO", "COG_MODEL_TAG"],
                "none",
                "a part of it, in place of the one in `model:`",
            ),
            Variable(&["COG_PUSH_CONCURRENCY"], "5", "layers that are sent at a time"),
            Variable(
                &["COG_PUSH_DEFAULT_CHUNK_SIZE"],
                "100663296 (96 MiB)",
                "bytes in a piece of a layer that goes in pieces",
            ),
            Variable(
                &["COG_PUSH_MULTIPART_THRESHOLD"],
                "the piece's size where that is set, else 134217728 (128 MiB)",
                "bytes from which on a layer goes in pieces",
            ),
            Variable(
                &["SOURCE_DATE_EPOCH"],
                "1980",
                "the date of an image, by either builder: seconds since 1970",
            ),
            Variable(
                &["GITHUB_SHA", "GITHUB_REF_NAME"],
                "what git says",
                "revision and version of the source, for the image's labels",
            ),
        ],
    },
    Group {
        title: "The surroundings of the command",
        about: "Variables of other programs that `cog` keeps to.",
        variables: &[
            Variable(&["DOCKER_HOST"], "the current context, else the local socket", "where the engine is"),
            Variable(&["DOCKER_CONTEXT"], "that of Docker's configuration", "which context"),
            Variable(
                &["DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"],
                "no TLS; Docker's configuration",
                "TLS with the engine, and the folder of `ca.pem`, `cert.pem` and `key.pem`",
            ),
            Variable(&["DOCKER_CONFIG"], "`~/.docker`", "Docker's configuration, where credentials are"),
            Variable(
                &["XDG_CACHE_HOME", "XDG_RUNTIME_DIR"],
                "",
                "the user's caches; the socket of an engine without root",
            ),
            Variable(
                &["SSL_CERT_FILE"],
                "where distributions have it",
                "whom this program trusts by TLS, and what the host builder puts into images",
            ),
            Variable(&["HOME"], "", "where the defaults of the above are"),
            Variable(&["CARGO", "RUSTC"], "`cargo`, `rustc`", "the programs that compile models"),
            Variable(
                &["CARGO_HOME", "CARGO_TARGET_DIR"],
                "cargo's",
                "its registry cache; where `--local` compiles instead of where images are compiled",
            ),
            Variable(
                &["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "TERM"],
                "",
                "colour: never; where there is a terminal; always. `TERM=dumb`: no colour, no lines that change",
            ),
            Variable(
                &["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"],
                "none",
                "proxies, for registries and models elsewhere; this machine is always asked directly",
            ),
            Variable(
                &["DISPLAY", "WAYLAND_DISPLAY", "BROWSER", "WSL_DISTRO_NAME"],
                "none",
                "whether there is a screen on which the playground can open a browser",
            ),
        ],
    },
    Group {
        title: "Set in images",
        about: "`environment:` of cog.yaml adds others, but for names that belong to images, CUDA, NVIDIA, Replicate or Kubernetes.",
        variables: &[
            Variable(&["PATH", "HOME"], "the usual; `/tmp`", "programs; what the model may write to"),
            Variable(
                &["SSL_CERT_FILE", "SSL_CERT_DIR"],
                "`/etc/ssl/certs/ca-certificates.crt`; none",
                "whom the server and the model trust by TLS; the first is set where the base is empty or `COG_CA_CERT` \
                 added to it",
            ),
            Variable(
                &["LD_LIBRARY_PATH"],
                "`/usr/local/cuda/lib64`",
                "GPU images: where the base's libraries are",
            ),
            Variable(
                &["NVIDIA_VISIBLE_DEVICES", "NVIDIA_DRIVER_CAPABILITIES"],
                "`all`; `compute,utility`",
                "GPU images: what NVIDIA's container runtime brings in",
            ),
            Variable(
                &["CUDA_PATH"],
                "`/usr/local/lib/cuda`",
                "GPU images whose kernels are compiled while they run: the toolkit's headers",
            ),
        ],
    },
];
