"""Where a gateway may call: nothing inside, whatever the registry says and however it is written."""

import ipaddress
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.exchange.addresses import AddressRefused, Directory, is_public

PUBLIC, PUBLIC6 = "93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"
INSIDE = [
    "0.0.0.0",  # noqa: S104
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.192",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.1.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:93.184.215.14",
    "64:ff9b::7f00:1",
    "64:ff9b:1::a00:1",
    "2001:0:7f00:1::",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "2606:2800:21f::1%eth0",
    "fec0::1",
    "ff02::1",
    "not an address",
    "",
]


def refused(url: str, *answers: str, directory: Directory | None = None) -> str:
    """Why a gateway does not call there."""
    with pytest.raises(AddressRefused) as raised:
        (directory or Directory(resolve=lambda _host, _port: list(answers))).target(url)
    return raised.value.reason


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_is_not_public(address: str) -> None:
    assert not is_public(address)
    assert refused("https://gateway.example", address) == "address_not_public"


def test_addresses_that_anybody_reaches_are_public() -> None:
    assert is_public(PUBLIC)
    assert is_public(PUBLIC6)
    target = Directory(resolve=lambda _host, _port: [PUBLIC6, PUBLIC]).target("https://gateway.example/optitrace/")
    assert (target.secure, target.host, target.port) == (True, "gateway.example", 443)
    assert (target.path, target.addresses) == ("/optitrace", (PUBLIC6, PUBLIC))


@given(st.ip_addresses(v=4))
def test_no_form_of_an_ipv4_address_inside_ipv6_is_public(address: ipaddress.IPv4Address) -> None:
    number = int(address)
    for carried in (number, (0xFFFF << 32) | number, (0x64FF9B << 96) | number, (0x2002 << 112) | (number << 80)):
        assert not is_public(str(ipaddress.IPv6Address(carried)))


def test_one_address_inside_among_public_ones_condemns_the_name() -> None:
    assert refused("https://gateway.example", PUBLIC, "127.0.0.1") == "address_not_public"
    assert refused("https://gateway.example") == "address_not_public"


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1",
        "https://127.1",
        "https://2130706433",
        "https://0x7f000001",
        "https://0177.0.0.1",
        "https://[::1]",
        "https://[::ffff:127.0.0.1]:8443",
        "https://localhost",
        "https://0",
    ],
)
def test_this_machine_is_not_public_however_it_is_written(url: str) -> None:
    assert refused(url, directory=Directory()) in ("address_not_public", "address_unknown")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "gateway.example",
        "//gateway.example",
        "file:///etc/passwd",
        "ftp://gateway.example",
        "gopher://gateway.example",
        "https://",
        "https://user@gateway.example",
        "https://gateway.example@127.0.0.1",
        "https://gateway.example/?q=1",
        "https://gateway.example/#here",
        "https://gateway.example/../admin/%2e%2e",
        "https://gateway.example\\@127.0.0.1",
        "https://gateway.example:99999",
        "https://gateway.example:port",
        "https://gateway_example",
        "https://gâteau.example",
        "https://127.0.0.1。example",
        "https://[fe80::1%25eth0]",
        "https://[v1.x]",
        "https://-gateway.example",
    ],
)
def test_what_is_not_plainly_an_address_of_a_gateway_is_refused(url: str) -> None:
    assert refused(url, PUBLIC) == "address_malformed"


def test_without_tls_only_the_operators_own_pairs_are_called_and_only_where_that_is_allowed() -> None:
    def at(port: int, *, plain: bool) -> Directory:
        return Directory({f"127.0.0.1:{port}"}, plain, lambda host, _port: [host])

    assert at(8001, plain=True).target("http://127.0.0.1:8001").addresses == ("127.0.0.1",)
    assert at(8001, plain=False).target("https://127.0.0.1:8001").secure
    assert refused("http://127.0.0.1:8001", directory=at(8001, plain=False)) == "address_not_https"
    assert refused("http://127.0.0.1:8002", directory=at(8001, plain=True)) == "address_not_https"
    assert refused("https://127.0.0.1:8002", directory=at(8001, plain=True)) == "address_not_public"
    assert refused("http://gateway.example", PUBLIC) == "address_not_https"


def test_a_pair_that_is_allowed_is_compared_with_the_name_and_not_with_where_it_leads() -> None:
    directory = Directory({"127.0.0.1:443"}, resolve=lambda _host, _port: ["127.0.0.1"])
    assert refused("https://gateway.example", directory=directory) == "address_not_public"


def test_a_name_that_is_not_found_is_said_to_be_unknown() -> None:
    def nobody(_host: str, _port: int) -> list[str]:
        raise socket.gaierror

    assert refused("https://gateway.example", directory=Directory(resolve=nobody)) == "address_unknown"
