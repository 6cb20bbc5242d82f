"""404 for what one may not see, 403 in words for what one may see but not do, by every address [R43]."""

import pytest

from associations.enums import ContactRole, Status
from associations.models import Claim, Comment
from partners.enums import Role
from tests import cast

pytestmark = pytest.mark.django_db

#: Every address under a claim's reference.
PATHS = [
    "",
    "comment/",
    "answer/",
    "withdraw/",
    "dispute/",
    "discard/",
    "contact/customer/",
    "edit/review/",
    "edit/proof/",
]
ADMINS_ONLY = ["answer/", "withdraw/", "dispute/", "contact/customer/"]


@pytest.fixture
def claim(partner, admin):
    return cast.make_draft(partner, admin, cast.make_tenant())


def ask(client, method, claim, path):
    return getattr(client, method)(f"/claims/{claim.reference}/{path}", {"words": "x", "text": "x"})


@pytest.mark.parametrize("path", PATHS)
def test_a_stranger_is_sent_to_sign_in(client, claim, path):
    response = ask(client, "post" if path == "comment/" else "get", claim, path)

    assert response.status_code == 302
    assert "/accounts/login/" in response["Location"]


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("who", ["other partner", "other location", "reviewer"])
def test_what_one_may_not_see_is_not_there(client, partner, claim, path, method, who):
    person = {
        "other partner": lambda: cast.make_member(cast.make_partner("Other")),
        "other location": lambda: cast.make_member(
            partner, locations=[cast.LocationFactory(partner=partner)]
        ),
        "reviewer": cast.make_reviewer,
    }[who]()
    client.force_login(person)

    theirs = ask(client, method, claim, path)
    unknown = client.get(f"/claims/ZZZZZZ/{path}")

    allowed = {404, 405} if (method, path) in (("get", "comment/"), ("post", "")) else {404}
    assert theirs.status_code in allowed
    assert unknown.status_code in {404, 405}
    assert claim.tenant.name not in theirs.text
    assert Claim.objects.filter(pk=claim.pk, status=Status.EDITING).exists()
    assert not Comment.objects.exists()


def test_proof_of_another_partners_claim_is_not_there(client, claim):
    client.force_login(cast.make_member(cast.make_partner("Other")))

    response = client.get(f"/files/{claim.documents.get().key}/")

    assert response.status_code == 404


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("path", ADMINS_ONLY)
def test_an_incentives_user_is_told_who_can(client, partner, claim, path, method):
    client.force_login(cast.make_member(partner, Role.INCENTIVES_USER))
    cast.make_member(
        partner, full_name="Else Where", locations=[cast.LocationFactory(partner=partner)]
    )

    response = ask(client, method, claim, path)

    assert response.status_code == 403
    assert "Ana Admin" in response.text
    assert "Else Where" not in response.text
    assert f"/claims/{claim.reference}/" in response.text
    assert Claim.objects.get(pk=claim.pk).revision == claim.revision


@pytest.mark.parametrize(
    ("status", "words"),
    [(Status.SUBMITTED, " and add proof and comments."), (Status.APPROVED, " and comment on it.")],
)
def test_an_incentives_user_is_told_what_they_can_do_now(
    client, partner, admin, reviewer, status, words
):
    draft = cast.make_draft(partner, admin, cast.make_tenant("told.example"))
    claim = cast.walk(draft, status, actor=admin, reviewer=reviewer)
    client.force_login(cast.make_member(partner, Role.INCENTIVES_USER))

    page = client.get(f"/claims/{claim.reference}/withdraw/")

    assert page.status_code == 403
    assert f"You can see claim {claim.reference}{words}" in page.text.replace("\n", " ")


@pytest.mark.parametrize("role", Role)
def test_both_roles_comment_and_discard(client, partner, claim, role):
    client.force_login(cast.make_member(partner, role))

    said = ask(client, "post", claim, "comment/")
    shown = client.get(f"/claims/{claim.reference}/discard/")

    assert said.status_code == 302
    assert Comment.objects.get().text == "x"
    assert shown.status_code == 200


@pytest.mark.parametrize("path", [path for path in PATHS if path != "comment/"])
def test_a_claim_opens_whichever_of_ones_partners_it_is_of(client, partner, claim, admin, path):
    other = cast.make_partner("A first one")
    cast.make_member(other, user=admin)
    client.force_login(admin)

    page = client.get(f"/claims/{claim.reference}/{path}")

    assert page.status_code in {200, 302}
    if page.status_code == 200:
        assert f'href="{partner.get_absolute_url()}claims/"' in page.text
        assert f'href="{other.get_absolute_url()}claims/"' not in page.text


def test_someone_removed_sees_nothing_at_the_next_request(client, claim, admin):
    client.force_login(admin)
    assert client.get(f"/claims/{claim.reference}/").status_code == 200

    admin.memberships.all().delete()

    assert client.get(f"/claims/{claim.reference}/").status_code == 404


def test_only_the_customers_contacts_can_be_corrected(client, claim, admin):
    client.force_login(admin)

    for role in (ContactRole.PARTNER, "nobody"):
        assert client.get(f"/claims/{claim.reference}/contact/{role}/").status_code == 404
