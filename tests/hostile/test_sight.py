"""What concerns a party is found, whatever its identifiers happen to be."""

from tests.hostile.house import house
from tests.hostile.trade import OTHER_SHOP, ROLES, SHOP, sale


def test_an_item_is_found_whether_its_id_comes_before_or_after_that_of_its_dossier(database_url: str) -> None:
    orders: set[bool] = set()
    with house(database_url, ROLES) as served:
        while len(orders) < 2:
            sold = sale(served, until="quoted")
            orders.add(sold.item < sold.dossier)
            answer = served.send(SHOP, "GET", f"/v1/items/{sold.item}")
            assert (answer.status_code, answer.json()["dossier"]) == (200, sold.dossier)
            assert served.send(OTHER_SHOP, "GET", f"/v1/items/{sold.item}").status_code == 404
