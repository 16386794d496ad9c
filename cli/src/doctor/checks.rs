//! What the facts mean. Nothing is asked here, so each case is a value in a test.

use super::facts::{Sound, Subject};
use super::{Facts, Finding, Fix};
use crate::cuda;
use crate::engine::docker::PODMAN;
use crate::size::Size;

/// Space that a build may take: a builder image, dependencies and a target directory.
const WANTED: u64 = 10 << 30;
/// Space without which none succeeds.
const NEEDED: u64 = 1 << 30;
/// The first engine that has what is asked of it.
const ENGINE: u32 = 20;

/// Everything that is to be said about the facts, in the order in which one would mend it.
pub fn check(facts: &Facts) -> Vec<Finding> {
    let mut findings = vec![docker(facts), toolchain(facts)];
    findings.extend(disk(facts));
    findings.push(certificates(facts));
    match &facts.project {
        Subject::Absent => findings.push(Finding::warning(
            "project",
            "there is no cog.yaml here or above",
            "only this machine can be looked at",
            "go to a project, name it with `-C DIR`, or make one with `cog init`",
        )),
        Subject::Broken { reason, hint, lock, .. } => {
            let mend = hint.clone().unwrap_or_else(|| "mend what it says".to_owned());
            let finding =
                Finding::error("project", reason.as_str(), "nothing can be built or predicted", mend);
            findings.push(Finding { fix: lock.then_some(Fix::UpdateLockFile), ..finding });
        }
        Subject::Sound(sound) => findings.extend(project(facts, sound)),
    }
    findings
}

fn docker(facts: &Facts) -> Finding {
    let version = match &facts.docker {
        Some(Ok(version)) => version,
        Some(Err(reason)) => {
            return Finding::error(
                "docker",
                reason.as_str(),
                "images are built and run by Docker",
                "start it, or do without: `--local` and `--builder host` need none",
            );
        }
        None => return Finding::ok("docker", "not looked at"),
    };
    if let Some(version) = version.strip_prefix(PODMAN) {
        return Finding::warning(
            "docker",
            format!("podman {version} in Docker's place"),
            "it has no BuildKit: it takes, runs and pushes images, but does not build what this machine's cargo cannot",
            "for GPU models, `build.run` and `build.system_packages`, name a Docker engine with `DOCKER_HOST`",
        );
    }
    let major = version.split('.').next().and_then(|major| major.parse::<u32>().ok());
    match major {
        Some(major) if major < ENGINE => Finding::error(
            "docker",
            format!("Docker {version} is too old"),
            "builds need BuildKit as engines from 20.10 on have it",
            "update it to 20.10 or later",
        ),
        _ => Finding::ok("docker", format!("Docker {version}, with BuildKit")),
    }
}

fn toolchain(facts: &Facts) -> Finding {
    match &facts.cargo {
        Some(version) => Finding::ok("toolchain", version.as_str()),
        None => Finding::warning(
            "toolchain",
            "there is no cargo",
            "`--local`, `--watch` and checks before a build compile on this machine",
            "install Rust from https://rustup.rs",
        ),
    }
}

fn disk(facts: &Facts) -> Option<Finding> {
    let free = facts.free?;
    let what = format!("{} free for the cache", Size(free));
    let (why, mend) =
        ("a build takes several GiB", "make room: `docker system df` and `cargo clean` show and free some");
    Some(match free {
        0..NEEDED => Finding::error("disk", what, why, mend),
        NEEDED..WANTED => Finding::warning("disk", what, why, mend),
        _ => Finding::ok("disk", what),
    })
}

fn certificates(facts: &Facts) -> Finding {
    match &facts.certificates {
        None => Finding::ok("certificates", "the system's, and COG_CA_CERT where it is set"),
        Some(reason) => Finding::error(
            "certificates",
            reason.as_str(),
            "build steps behind a proxy with an authority of its own trust nobody without it",
            "let COG_CA_CERT name a file or a directory of PEM certificates, or unset it",
        ),
    }
}

fn project(facts: &Facts, sound: &Sound) -> Vec<Finding> {
    let mut findings = vec![Finding::ok("project", format!("cog.yaml is sound; Rust {}", sound.rust))];
    findings.push(match sound.locked {
        true => Finding::ok("lock file", "Cargo.lock is in step"),
        false => Finding {
            fix: Some(Fix::UpdateLockFile),
            ..Finding::error(
                "lock file",
                "Cargo.lock is not what Cargo.toml asks for",
                "images are built with --locked, which refuses that",
                "run `cargo metadata` or any build on this machine, and commit the file",
            )
        },
    });
    findings.push(match sound.predictor {
        true => Finding::ok("predictor", "the sources call cog::main"),
        false => Finding::warning(
            "predictor",
            "no source in src/ calls cog::main",
            "the binary has to hand over to a predictor to be a model",
            "end it with `fn main() -> std::process::ExitCode { cog::main::<MyPredictor>() }`",
        ),
    });
    findings.extend(gpu(facts, sound));
    match &sound.weights {
        Ok(0) => {}
        Ok(count) => {
            findings.push(Finding::ok("weights", format!("weights.lock has all {count} of cog.yaml")))
        }
        Err(reason) => findings.push(Finding::warning(
            "weights",
            reason.as_str(),
            "what is pushed and run would not have the files that cog.yaml asks for",
            "`cog weights import` brings weights.lock in step",
        )),
    }
    let docker = matches!(facts.docker, Some(Ok(_)));
    findings.extend(sound.bases.iter().filter(|_| docker).map(|base| match base.here {
        true => Finding::ok("base image", format!("{} is here", base.name)),
        false => Finding::warning(
            "base image",
            format!("{} is not here", base.name),
            "the first build has to fetch it",
            format!("`docker pull {}` tells whether it can be fetched", base.name),
        ),
    }));
    findings.extend(sound.registry.as_ref().map(|(registry, login)| match login {
        Ok(true) => Finding::ok("registry", format!("there are credentials for {registry}")),
        Ok(false) => Finding::warning(
            "registry",
            format!("there are no credentials for {registry}"),
            "`cog push` is likely to be refused",
            format!("`cog login {registry}`"),
        ),
        Err(reason) => Finding::error(
            "registry",
            format!("the credentials for {registry} cannot be had: {reason}"),
            "`cog push` does not go on without those that are configured",
            format!("mend it with `cog login {registry}`"),
        ),
    }));
    findings
}

fn gpu(facts: &Facts, sound: &Sound) -> Vec<Finding> {
    let Some(wanted) = &sound.gpu else { return vec![Finding::ok("gpu", "the model wants none")] };
    let targets = (!wanted.targets.is_empty()).then_some(wanted.targets.as_str());
    let found = cuda::findings(targets, wanted.cuda, &facts.gpus);
    if found.is_empty() {
        return facts.gpus.lines().map(|gpu| Finding::ok("gpu", gpu)).collect();
    }
    found.into_iter().map(|found| Finding::warning("gpu", found.problem, found.why, found.mend)).collect()
}
