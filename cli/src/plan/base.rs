//! The decisions of a plan, put together.

use std::path::Path;

use super::{Cuda, Layout, Options, Plan, PlanError, Platform, cuda, labels, name};
use crate::config::EnvVar;
use crate::digest;
use crate::project::Project;

/// The empty base.
pub(super) const SCRATCH: &str = "scratch";
/// The base of a CPU image that has packages or run steps.
const DEBIAN: &str = "debian:bookworm-slim";

/// Plans the build of `project`.
pub(super) fn plan(project: &Project, options: &Options) -> Result<Plan, PlanError> {
    let config = &project.config;
    let build = &config.build;
    let image = match options.system {
        false => name::image(options.tag.as_deref(), config, &project.directory)?,
        true => format!("{}-system", name::generated(&project.directory)),
    };
    let rust = format!("rust:{}-slim-bookworm", project.rust_version);
    let mut warnings = Vec::new();
    let cuda = if build.gpu {
        if options.platform != Platform::Amd64 {
            return Err(PlanError::Platform(options.platform));
        }
        let (cuda, more) = cuda::resolve(build, &project.accelerators)?;
        warnings.extend(more);
        Some(cuda)
    } else {
        if build.cuda.is_some() || build.cudnn.is_some() || !build.cuda_architectures.is_empty() {
            warnings
                .push("what `build` says of CUDA counts for nothing without `build.gpu: true`".to_owned());
        }
        None
    };
    let (builder, toolchain, base) = match &cuda {
        Some(cuda) => (cuda.builder.clone(), Some(rust), cuda.base.clone()),
        None if build.system_packages.is_empty() && build.run.is_empty() && !options.system => {
            (rust, None, SCRATCH.to_owned())
        }
        None => (rust, None, DEBIAN.to_owned()),
    };
    let cache = cache(project, options.platform, &builder, cuda.as_ref());
    let from = |image: String| match &options.mirror {
        Some(mirror) if image != SCRATCH => mirror.name(&image),
        _ => image,
    };
    let mut command: Vec<String> = ["cargo", "build", "--release", "--locked"].map(ToOwned::to_owned).into();
    command.extend(project.cargo.arguments());
    Ok(Plan {
        image,
        platform: options.platform,
        cache,
        anew: options.anew,
        builder: from(builder),
        toolchain: toolchain.map(from),
        base: from(base),
        cargo: project.cargo.clone(),
        command,
        system_packages: build.system_packages.clone(),
        run: build.run.clone(),
        environment: environment(project),
        labels: labels::labels(config, cuda.as_ref(), &options.origin),
        cuda,
        context: layout(project, options),
        extra_certificates: options.certificates.is_some(),
        certificates: options.certificates.clone(),
        secrets: options.secrets.clone(),
        warnings,
    })
}

/// Compiled dependencies are kept apart by package, because two packages would evict each other's, and by builder,
/// because what one image's C library compiled another's may not run. The directory has no say: clones of a project share
/// the cache, and a Dockerfile does not tell where it was made.
fn cache(project: &Project, platform: Platform, builder: &str, cuda: Option<&Cuda>) -> String {
    let mut key = format!("{}\n{builder}", relative(&project.directory, &project.closure.root));
    if platform != Platform::default() {
        key.push_str(&format!("\n{platform}"));
    }
    // Builds of packages do not all ask to be repeated when a variable changes.
    for EnvVar { name, value } in cuda.iter().flat_map(|cuda| &cuda.variables) {
        key.push_str(&format!("\n{name}={value}"));
    }
    format!("cog-{}-{}", project.cargo.package, digest::name_for(key.as_bytes()))
}

fn environment(project: &Project) -> Vec<EnvVar> {
    let concurrency = project.config.concurrency.map(|concurrency| EnvVar {
        name: "COG_MAX_CONCURRENCY".to_owned(),
        value: concurrency.max.to_string(),
    });
    // The author's own setting of the same name stays.
    let own = &project.config.environment;
    let concurrency = concurrency.filter(|variable| own.iter().all(|other| other.name != variable.name));
    own.iter().cloned().chain(concurrency).collect()
}

fn layout(project: &Project, options: &Options) -> Layout {
    let relative = |path: &Path| relative(path, &project.closure.root);
    let mut generated = vec!["Dockerfile", "adopt.sh", "assemble.sh", "assets", "compile.sh", "driver.sh"];
    if options.certificates.is_some() {
        generated.push("ca.crt");
    }
    generated.sort_unstable();
    Layout {
        project: relative(&project.directory),
        workspace: relative(&project.workspace_root),
        members: project.closure.members.iter().map(|member| relative(&member.directory)).collect(),
        generated: generated.iter().map(|name| format!("{}/{name}", super::GENERATED)).collect(),
    }
}

/// `path` as seen from the context's root, with `.` for the root itself.
fn relative(path: &Path, root: &Path) -> String {
    match path.strip_prefix(root) {
        Ok(rest) if rest.as_os_str().is_empty() => ".".to_owned(),
        Ok(rest) => rest.to_string_lossy().into_owned(),
        Err(_) => path.to_string_lossy().into_owned(),
    }
}
