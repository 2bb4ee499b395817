"""Storages to test with: fsspec's memory and local file systems, and an S3 server on loopback."""

import uuid

import pytest

fsspec = pytest.importorskip("fsspec", reason="shared storage needs fsspec: the extra `storage`")

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "someone", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "us-east-1"}


@pytest.fixture(scope="session")
def s3_server():
    """The address of an S3 server of this process."""
    pytest.importorskip("s3fs", reason="s3:// needs s3fs: the extra `storage`")
    moto = pytest.importorskip("moto.server", reason="the S3 server of the tests is moto's: the extra `test`")
    server = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture
def s3_environment(s3_server) -> dict[str, str]:
    """Variables by which a program finds the server, and may use it."""
    return CREDENTIALS | {"AWS_ENDPOINT_URL": s3_server}


@pytest.fixture
def bucket(s3_environment, monkeypatch) -> str:
    """URL of a bucket of one's own."""
    for variable, value in s3_environment.items():
        monkeypatch.setenv(variable, value)
    url = f"s3://bucket-{uuid.uuid4().hex[:8]}"
    fsspec.filesystem("s3", skip_instance_cache=True).mkdir(url)
    return url


@pytest.fixture(params=["memory", "file"])
def url(request, tmp_path) -> str:
    """URL of an empty folder."""
    return f"file://{tmp_path}/there/folder" if request.param == "file" else request.getfixturevalue("memory_url")


@pytest.fixture(params=["memory", "file", "s3"])
def any_url(request, tmp_path) -> str:
    """The same, on S3 too, which takes seconds."""
    if request.param == "s3":
        return f"{request.getfixturevalue('bucket')}/folder"
    return f"file://{tmp_path}/there/folder" if request.param == "file" else request.getfixturevalue("memory_url")


@pytest.fixture
def memory_url() -> str:
    """The same in memory alone."""
    return f"memory://{uuid.uuid4().hex[:8]}/folder"


@pytest.fixture(autouse=True)
def at_home(tmp_path, monkeypatch):
    """Makes this process another machine's, by name: it has other mirrors."""

    def move(name: str) -> None:
        monkeypatch.setenv("FAT_TF_CACHE", str(tmp_path / name))

    move("home")
    return move


@pytest.fixture
def put():
    """Writes files to a storage as other programs do: URL, text by name."""

    def write(url: str, **texts: str) -> None:
        system, path = fsspec.core.url_to_fs(url)
        for name, text in texts.items():
            place = f"{path}/{name.replace('__', '/')}"
            if not system.async_impl:
                system.makedirs(place.rpartition("/")[0], exist_ok=True)
            system.pipe_file(place, text.encode())

    return write
