"""The demo's claims: who filed what for which customer, when, and with what result.

Every status, every way to be approved but not official, and some months of history.
"""

from dataclasses import dataclass, field
from typing import Any

from associations.enums import Activity, InformationReason, RejectionReason


@dataclass(frozen=True)
class Story:
    """One claim's life.

    ``began`` counts days before the start; each of the ``steps`` (see ``past.STEPS``) follows a
    day later. ``words`` is what people write in it; ``verdict`` what the reviewer writes about a dispute,
    or what the rival states in a mediation.
    ``email`` replaces the contact's address; ``successor`` is the contact the partner names if the first
    one was wrong: name, title, email.
    """

    by: str
    customer: str
    name: str
    products: str
    began: int
    steps: str = ""
    place: str = ""
    activity: str = Activity.USAGE
    email: str = ""
    words: str = ""
    verdict: str = ""
    successor: tuple[str, str, str] = ("", "", "")
    reason: InformationReason = InformationReason.DATES_MISSING
    rejection: RejectionReason = RejectionReason.INSUFFICIENT_POE
    facts: dict[str, Any] = field(default_factory=dict)
    is_posted: bool = True  # False: its last emails wait for the real outbox


_REVIEWED = "submit begin"
_APPROVED = f"{_REVIEWED} approve"
_OFFICIAL = f"{_APPROVED} settle"

# fmt: off
OFFICIAL = (
    Story("ana", "fabrikam", "Teams and mail for the plants", "teams exchange-online", 150,
          f"{_REVIEWED} staff_says approve settle",
          words="The statement is complete. Thank you for the signed copy."),
    Story("ana", "fabrikam", "Sales pipeline", "sales", 120, _OFFICIAL,
          activity=Activity.PRESALES_AND_USAGE),
    Story("ana", "tailspin", "Managed devices", "intune azure-ad-premium", 100,
          f"{_REVIEWED} ask answer approve settle", place="Berlin",
          words="Please name the dates of the rollout."),
    Story("lina", "proseware", "Learning in the editorial office", "teams-meetings viva-learning", 75,
          f"{_APPROVED} refuse_last settle", place="London", words="We never used Viva Learning."),
    Story("beatriz", "rioverde", "Colheita 360 sobre Business Central", "business-central", 55, _OFFICIAL,
          activity=Activity.REVENUE,
          facts={"solution_seller": "Marcos Lima", "revenue_customer_name": "Cooperativa Rio Verde",
                 "isv_product": "Colheita 360"}),
)

APPROVED = (
    Story("ana", "wingtip", "Phones over Teams", "teams-phone", 4, _APPROVED),
    Story("beatriz", "horizonte", "Dispositivos e bem-estar", "intune viva-insights", 5,
          f"{_APPROVED} refuse_last", words="Não contratamos o Viva Insights."),
    Story("beatriz", "horizonte", "Finanças das usinas", "finance", 22, f"{_APPROVED} lapse settle"),
    Story("ana", "proseware", "Calls over Teams", "teams-phone", 5, f"{_APPROVED} wrong_person"),
    Story("beatriz", "maracuja", "Rede interna das padarias", "yammer", 6,
          f"{_APPROVED} wrong_person correct",
          successor=("Bento Farias", "Contador", "bento@farias-contadores.example")),
)

CLOSED = (
    Story("ana", "alpine", "Teams for the huts", "teams", 130, f"{_OFFICIAL} end",
          words="The season is over and so is the contract."),
    Story("ana", "adatum", "Reports for the wards", "power-bi", 3, f"{_REVIEWED} reject",
          words="The letter is not signed by the customer."),
    Story("beatriz", "maracuja", "Loja piloto", "teams", 15, "submit withdraw",
          words="O cliente adiou o projeto."),
    Story("lina", "wingtip", "Company network", "yammer", 30, f"{_REVIEWED} ask fall_silent",
          words="Please add the customer's acknowledgement.",
          reason=InformationReason.ACKNOWLEDGEMENT_MISSING),
    Story("beatriz", "rioverde", "Correio e Teams", "teams exchange-online", 25,
          f"{_APPROVED} refuse_all settle", words="Não trabalhamos mais com a Aurora."),
    Story("ana", "southridge", "Topics pilot", "viva-topics", 45, f"{_REVIEWED} reject dispute turn_down",
          words="Page 2 of the statement is about Viva Topics.",
          verdict="Page 2 plans Viva Topics for later. The proof must show work that was done.",
          rejection=RejectionReason.PRODUCTS_MISSING),
)

#: Contoso holds Teams at Fabrikam; the mediation waits for the decision.
CONTESTED = (
    Story("lina", "fabrikam", "Teams in the sales offices", "teams", 17,
          f"{_REVIEWED} open_case state rival_states hear",
          words="Since March our engineers run Teams in all twelve sales offices: rollout, phones, training.",
          verdict="We set up Teams for the plants in spring and look after it for the whole company."),
)

OPEN = (
    Story("lina", "najd", "Shop counter", "commerce", 5, f"{_REVIEWED} reject dispute",
          activity=Activity.PRESALES,
          words="The customer's stamp is its signature in Saudi Arabia.",
          verdict="The letter bears no signature of the customer."),
    Story("ana", "wingtip", "Books in the cloud", "business-central", 3, f"{_REVIEWED} ask",
          words="The statement names no date. Which day did the customer go live?"),
    Story("lina", "fabrikam", "Mail for the dealers", "exchange-online", 4, f"{_REVIEWED} partner_says",
          words="We have looked after the dealers' mail since March."),
    Story("lina", "adatum", "Finance for the clinics", "finance", 13, "submit"),
    Story("ben", "alpine", "Devices of the huts", "intune", 1, place="Berlin"),
)
#: Contacts who cannot be reached, or are not known; some email stays in the real outbox, so these come last.
CONTACTS = (
    Story("lina", "adatum", "Platform apps", "teams-platform", 4, _APPROVED,
          email="unknown@adatum.example"),
    Story("beatriz", "lusitania", "Proteção de dados", "information-protection", 4, _APPROVED,
          email="full@lusitania.example"),
    Story("lina", "sakura", "Intranet start page", "viva-connections", 2, _APPROVED, is_posted=False),
    Story("ana", "alpine", "Mail for the huts", "exchange-online", 2, _REVIEWED,
          email="greta@bergpost.example"),
)
# fmt: on

STORIES = OFFICIAL + APPROVED + CLOSED + CONTESTED + OPEN + CONTACTS
