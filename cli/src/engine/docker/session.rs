//! BuildKit's way back to this program during a build: secrets and registry credentials, each handed out only when a
//! step asks for it.
//!
//! bollard's own session knows no secrets, and takes credentials for hosts decided on beforehand; this one is a
//! connection of ours, upgraded to HTTP/2, on which the engine is the client.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bollard_buildkit_proto::health::health_check_response::ServingStatus;
use bollard_buildkit_proto::health::health_server::{Health, HealthServer};
use bollard_buildkit_proto::health::{
    HealthCheckRequest, HealthCheckResponse, HealthListRequest, HealthListResponse,
};
use bollard_buildkit_proto::moby::buildkit::secrets::v1::secrets_server::{Secrets, SecretsServer};
use bollard_buildkit_proto::moby::buildkit::secrets::v1::{GetSecretRequest, GetSecretResponse};
use bollard_buildkit_proto::moby::filesync::v1::auth_server::{Auth, AuthServer};
use bollard_buildkit_proto::moby::filesync::v1::{
    CredentialsRequest, CredentialsResponse, FetchTokenRequest, FetchTokenResponse, GetTokenAuthorityRequest,
    GetTokenAuthorityResponse, VerifyTokenAuthorityRequest, VerifyTokenAuthorityResponse,
};
use futures_util::stream::{self, BoxStream, StreamExt};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tonic::transport::server::Connected;
use tonic::{Request, Response, Status};

use super::super::{BuildSecret, Result};
use super::address::Address;
use super::wire;
use crate::credentials::{self, Login};

/// An open session; closing it, by drop, makes the engine abandon what is built within it.
#[derive(Debug)]
pub(super) struct Session {
    id: String,
    server: tokio::task::JoinHandle<()>,
}

impl Session {
    /// Opens a session that offers `secrets` and the user's registry credentials.
    pub(super) async fn open(address: &Address, secrets: Vec<BuildSecret>) -> Result<Self> {
        for secret in &secrets {
            secret.value()?;
        }
        let id = uuid::Uuid::new_v4().simple().to_string();
        let mut request = hyper::Request::post("/session")
            .header("Host", "docker")
            .header("Connection", "Upgrade")
            .header("Upgrade", "h2c")
            .header("X-Docker-Expose-Session-Uuid", &id)
            .header("X-Docker-Expose-Session-Name", "cog");
        for method in [
            "/moby.filesync.v1.Auth/Credentials",
            "/moby.buildkit.secrets.v1.Secrets/GetSecret",
            "/grpc.health.v1.Health/Check",
        ] {
            request = request.header("X-Docker-Expose-Session-Grpc-Method", method);
        }
        let stream = wire::upgrade(address, request).await?;
        let connections = stream::iter([Ok::<_, io::Error>(SessionStream(TokioIo::new(stream)))]);
        let router = tonic::transport::Server::builder()
            .add_service(HealthServer::new(Alive))
            .add_service(AuthServer::new(Registries))
            .add_service(SecretsServer::new(Offered(secrets)));
        let server = tokio::spawn(async move {
            // The engine ends a session by hanging up, which is no news.
            let _ = router.serve_with_incoming(connections.chain(stream::pending())).await;
        });
        Ok(Self { id, server })
    }

    /// What a build names to be part of this session.
    pub(super) fn id(&self) -> &str {
        &self.id
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.server.abort();
    }
}

#[derive(Debug)]
struct Offered(Vec<BuildSecret>);

#[tonic::async_trait]
impl Secrets for Offered {
    async fn get_secret(
        &self,
        request: Request<GetSecretRequest>,
    ) -> std::result::Result<Response<GetSecretResponse>, Status> {
        let id = &request.get_ref().id;
        let secret = self.0.iter().find(|secret| secret.id == *id).ok_or_else(|| {
            Status::not_found(format!("no secret `{id}` was given; give it with `--secret id={id},…`"))
        })?;
        let data = secret.value().map_err(|error| Status::unavailable(error.to_string()))?;
        Ok(Response::new(GetSecretResponse { data }))
    }
}

#[derive(Debug)]
struct Registries;

#[tonic::async_trait]
impl Auth for Registries {
    async fn credentials(
        &self,
        request: Request<CredentialsRequest>,
    ) -> std::result::Result<Response<CredentialsResponse>, Status> {
        let host = request.into_inner().host;
        let login = tokio::task::spawn_blocking(move || credentials::lookup(&host))
            .await
            .map_err(|error| Status::internal(error.to_string()))?
            .map_err(|error| Status::unavailable(error.to_string()))?;
        Ok(Response::new(match login {
            None => CredentialsResponse::default(),
            Some(Login::Password { username, password }) => {
                CredentialsResponse { username, secret: password }
            }
            // A secret without a name is how BuildKit is told of a token.
            Some(Login::IdentityToken(secret)) => CredentialsResponse { username: String::new(), secret },
        }))
    }

    async fn fetch_token(
        &self,
        _: Request<FetchTokenRequest>,
    ) -> std::result::Result<Response<FetchTokenResponse>, Status> {
        Err(Status::unimplemented("tokens are fetched by the engine"))
    }

    async fn get_token_authority(
        &self,
        _: Request<GetTokenAuthorityRequest>,
    ) -> std::result::Result<Response<GetTokenAuthorityResponse>, Status> {
        Err(Status::unimplemented("tokens are fetched by the engine"))
    }

    async fn verify_token_authority(
        &self,
        _: Request<VerifyTokenAuthorityRequest>,
    ) -> std::result::Result<Response<VerifyTokenAuthorityResponse>, Status> {
        Err(Status::unimplemented("tokens are fetched by the engine"))
    }
}

#[derive(Debug)]
struct Alive;

#[tonic::async_trait]
impl Health for Alive {
    type WatchStream = BoxStream<'static, std::result::Result<HealthCheckResponse, Status>>;

    async fn check(
        &self,
        _: Request<HealthCheckRequest>,
    ) -> std::result::Result<Response<HealthCheckResponse>, Status> {
        Ok(Response::new(HealthCheckResponse { status: ServingStatus::Serving.into() }))
    }

    async fn list(
        &self,
        _: Request<HealthListRequest>,
    ) -> std::result::Result<Response<HealthListResponse>, Status> {
        Err(Status::unimplemented("only a check is answered"))
    }

    async fn watch(
        &self,
        _: Request<HealthCheckRequest>,
    ) -> std::result::Result<Response<Self::WatchStream>, Status> {
        Err(Status::unimplemented("only a check is answered"))
    }
}

/// The upgraded connection, as tonic takes it.
struct SessionStream(TokioIo<Upgraded>);

impl Connected for SessionStream {
    type ConnectInfo = ();

    fn connect_info(&self) {}
}

impl AsyncRead for SessionStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for SessionStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
