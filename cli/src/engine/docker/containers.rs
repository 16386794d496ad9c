//! Containers: made, started, watched, stopped, removed.

use std::collections::HashMap;
use std::io::Read;
use std::time::Duration;

use bollard::errors::Error as Bollard;
use bollard::models::{ContainerCreateBody, DeviceRequest, HostConfig, Mount, MountType, PortBinding};
use bollard::query_parameters::{
    CreateContainerOptions, DownloadFromContainerOptions, InspectContainerOptions, KillContainerOptions,
    ListContainersOptions, LogsOptions, RemoveContainerOptions, StartContainerOptions, StopContainerOptions,
};
use futures_util::stream::{BoxStream, StreamExt};

use super::super::{
    Attachment, ContainerSpec, ContainerState, Error, Gpus, LogChunk, OWNER_LABEL, OWNER_PROCESS_LABEL,
    Result, owner,
};
use super::{DockerEngine, failure};
use crate::engine::HOST;

/// Removes the containers of runs that were killed before they could do so. What goes wrong concerns nobody now.
async fn sweep(client: &bollard::Docker) {
    let filters = HashMap::from([("label".to_owned(), vec![OWNER_PROCESS_LABEL.to_owned()])]);
    let options =
        ListContainersOptions { all: true, filters: Some(filters), ..ListContainersOptions::default() };
    for container in client.list_containers(Some(options)).await.unwrap_or_default() {
        let owner = container.labels.as_ref().and_then(|labels| labels.get(OWNER_PROCESS_LABEL));
        if let (Some(id), true) = (&container.id, owner.is_some_and(|owner| owner::is_gone(owner))) {
            let options =
                RemoveContainerOptions { force: true, v: true, ..RemoveContainerOptions::default() };
            let _stays = client.remove_container(id, Some(options)).await;
        }
    }
}

pub(super) async fn create(client: &bollard::Docker, name: &str, spec: &ContainerSpec) -> Result<()> {
    sweep(client).await;
    let options = CreateContainerOptions { name: Some(name.to_owned()), ..CreateContainerOptions::default() };
    match client.create_container(Some(options), body(spec)).await {
        Ok(_) => Ok(()),
        Err(Bollard::DockerResponseServerError { status_code: 404, message })
            if message.contains("o such image") =>
        {
            Err(Error::NoSuchImage { reference: spec.image.clone() })
        }
        Err(error) => Err(failure::request(error)),
    }
}

fn body(spec: &ContainerSpec) -> ContainerCreateBody {
    let mut labels: HashMap<String, String> = spec.labels.clone().into_iter().collect();
    labels.insert(OWNER_LABEL.to_owned(), std::process::id().to_string());
    labels.extend(owner::this().map(|owner| (OWNER_PROCESS_LABEL.to_owned(), owner)));
    let ports = ports(spec);
    let mounts = spec.binds.iter().map(|bind| Mount {
        typ: Some(MountType::BIND),
        source: Some(bind.source.to_string_lossy().into_owned()),
        target: Some(bind.target.clone()),
        read_only: Some(bind.read_only),
        ..Mount::default()
    });
    ContainerCreateBody {
        image: Some(spec.image.clone()),
        entrypoint: spec.command.clone(),
        cmd: (!spec.args.is_empty()).then(|| spec.args.clone()),
        user: spec.user.clone(),
        working_dir: spec.directory.clone(),
        tty: Some(matches!(spec.attachment, Some(Attachment::Terminal { .. }))),
        open_stdin: Some(spec.attachment.is_some()),
        stdin_once: Some(spec.attachment.is_some()),
        env: Some(spec.env.clone()),
        labels: Some(labels),
        exposed_ports: (!ports.is_empty()).then(|| ports.keys().cloned().collect()),
        host_config: Some(HostConfig {
            port_bindings: Some(ports),
            extra_hosts: spec.knows_host.then(|| vec![format!("{HOST}:host-gateway")]),
            mounts: Some(mounts.collect()),
            device_requests: spec.gpus.as_ref().map(|gpus| vec![devices(gpus)]),
            console_size: console_size(spec),
            shm_size: spec.shm_size.and_then(|size| size.try_into().ok()),
            ..HostConfig::default()
        }),
        ..ContainerCreateBody::default()
    }
}

/// The engine's way to say how large a terminal is: rows first.
fn console_size(spec: &ContainerSpec) -> Option<Vec<usize>> {
    match spec.attachment? {
        Attachment::Terminal { size } => size.map(|size| vec![size.rows.into(), size.columns.into()]),
        Attachment::Pipes => None,
    }
}

/// Where the host publishes which port.
fn ports(spec: &ContainerSpec) -> HashMap<String, Option<Vec<PortBinding>>> {
    let address = spec.host_address.unwrap_or(std::net::Ipv4Addr::LOCALHOST.into());
    let own = spec.port.map(|port| (port, address, spec.host_port.unwrap_or(0)));
    let others = spec.published.iter().map(|place| (place.port(), place.ip(), place.port()));
    let mut ports: HashMap<String, Option<Vec<PortBinding>>> = HashMap::new();
    for (port, address, host_port) in own.into_iter().chain(others) {
        ports
            .entry(format!("{port}/tcp"))
            .or_default()
            .get_or_insert_default()
            .push(PortBinding { host_ip: Some(address.to_string()), host_port: Some(host_port.to_string()) });
    }
    ports
}

fn devices(gpus: &Gpus) -> DeviceRequest {
    let (count, device_ids) = match gpus {
        Gpus::All => (Some(-1), None),
        Gpus::Count(count) => (Some(i64::from(*count)), None),
        Gpus::Devices(ids) => (None, Some(ids.clone())),
    };
    DeviceRequest {
        // The driver's name would keep engines that know GPUs by another way (CDI) from using it.
        driver: None,
        count,
        device_ids,
        capabilities: Some(vec![vec!["gpu".to_owned()]]),
        options: None,
    }
}

pub(super) async fn start(engine: &DockerEngine, name: &str) -> Result<()> {
    engine.client.start_container(name, None::<StartContainerOptions>).await.map_err(failure::request)
}

pub(super) async fn state(engine: &DockerEngine, name: &str) -> Result<ContainerState> {
    let found = match engine.client.inspect_container(name, None::<InspectContainerOptions>).await {
        Ok(found) => found,
        Err(Bollard::DockerResponseServerError { status_code: 404, .. }) => {
            return Ok(ContainerState {
                error: "it has been removed".to_owned(),
                ..ContainerState::default()
            });
        }
        Err(error) => return Err(failure::request(error)),
    };
    let state = found.state.unwrap_or_default();
    let running = state.running.unwrap_or(false);
    let ports = found.network_settings.and_then(|settings| settings.ports).unwrap_or_default();
    let host_port =
        ports.into_values().flatten().flatten().find_map(|binding| binding.host_port?.parse().ok());
    Ok(ContainerState {
        running,
        exit_code: if running { None } else { state.exit_code },
        out_of_memory: state.oom_killed.unwrap_or(false),
        error: state.error.unwrap_or_default(),
        host_port,
    })
}

pub(super) fn logs(engine: &DockerEngine, name: &str) -> BoxStream<'static, Result<LogChunk>> {
    let options = LogsOptions { follow: true, stdout: true, stderr: true, ..LogsOptions::default() };
    engine
        .client
        .logs(name, Some(options))
        .map(|chunk| {
            let chunk = chunk.map_err(failure::request)?;
            let is_stderr = matches!(chunk, bollard::container::LogOutput::StdErr { .. });
            Ok(LogChunk { is_stderr, bytes: chunk.into_bytes() })
        })
        .boxed()
}

pub(super) async fn stop(engine: &DockerEngine, name: &str, grace: Duration) -> Result<()> {
    let seconds = i32::try_from(grace.as_secs()).unwrap_or(i32::MAX);
    let options = StopContainerOptions { t: Some(seconds), ..StopContainerOptions::default() };
    let client = engine.client.clone().with_timeout(grace + engine.client.timeout());
    match client.stop_container(name, Some(options)).await {
        Ok(()) | Err(Bollard::DockerResponseServerError { status_code: 304 | 404, .. }) => Ok(()),
        Err(error) => Err(failure::request(error)),
    }
}

pub(super) async fn signal(engine: &DockerEngine, name: &str, signal: &str) -> Result<()> {
    let options = KillContainerOptions { signal: signal.to_owned() };
    match engine.client.kill_container(name, Some(options)).await {
        Ok(()) | Err(Bollard::DockerResponseServerError { status_code: 404 | 409, .. }) => Ok(()),
        Err(error) => Err(failure::request(error)),
    }
}

pub(super) async fn remove(client: &bollard::Docker, name: &str) -> Result<()> {
    let options = RemoveContainerOptions { force: true, v: true, ..RemoveContainerOptions::default() };
    match client.remove_container(name, Some(options)).await {
        Ok(()) | Err(Bollard::DockerResponseServerError { status_code: 404 | 409, .. }) => Ok(()),
        Err(error) => Err(failure::request(error)),
    }
}

pub(super) async fn download(engine: &DockerEngine, name: &str, path: &str) -> Result<Option<Vec<u8>>> {
    let options = DownloadFromContainerOptions { path: path.to_owned() };
    let mut chunks = Box::pin(engine.client.download_from_container(name, Some(options)));
    let mut archive = Vec::new();
    while let Some(chunk) = chunks.next().await {
        match chunk {
            Ok(chunk) => archive.extend_from_slice(&chunk),
            Err(Bollard::DockerResponseServerError { status_code: 404, .. }) => return Ok(None),
            Err(error) => return Err(failure::request(error)),
        }
    }
    only_file(&archive).map_err(|error| Error::Engine { reason: format!("no archive of `{path}`: {error}") })
}

fn only_file(archive: &[u8]) -> std::io::Result<Option<Vec<u8>>> {
    for entry in tar::Archive::new(archive).entries()? {
        let mut entry = entry?;
        if entry.header().entry_type().is_file() {
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes)?;
            return Ok(Some(bytes));
        }
    }
    Ok(None)
}
