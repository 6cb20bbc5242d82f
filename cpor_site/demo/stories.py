"""The demo's claims: who filed what for which customer, when, and with what result.

Every status, every way to be approved but not official, and some months of history. ``began``
counts days before the start; steps follow each other day by day (see ``past``).
"""

from dataclasses import dataclass

from associations.enums import Activity, InformationReason, RejectionReason

_REVENUE_FACTS = {
    "solution_seller": "Marcos Lima",
    "revenue_customer_name": "Cooperativa Rio Verde",
    "isv_product": "Colheita 360",
}


@dataclass(frozen=True)
class Story:
    """One claim's life. ``mailbox`` replaces the contact's name before the @, or the whole address.

    ``successor`` is the contact the partner names if the first one was wrong: name, title, email.
    ``words`` is what people write in it; ``verdict`` what the reviewer writes about a dispute.
    """

    partner: str
    by: str
    customer: str
    name: str
    products: tuple[str, ...]
    began: int
    steps: tuple[str, ...] = ()
    place: str = ""
    activity: str = Activity.USAGE
    mailbox: str = ""
    words: str = ""
    verdict: str = ""
    successor: tuple[str, str, str] = ("", "", "")
    reasons: tuple[str, ...] = (InformationReason.DATES_MISSING,)
    rejection: str = RejectionReason.INSUFFICIENT_POE
    facts: tuple = ()
    has_proof: bool = True
    is_posted: bool = True  # False: its last emails wait for the real outbox


_REVIEWED = ("submit", "begin")
_APPROVED = (*_REVIEWED, "approve")
_OFFICIAL = (*_APPROVED, "settle")

OFFICIAL = (
    Story(
        *("contoso", "ana", "fabrikam", "Teams and mail for the plants"),
        *(("teams", "exchange-online"), 150, (*_REVIEWED, "staff_says", "approve", "settle")),
        words="The statement is complete. Thank you for the signed copy.",
    ),
    Story(
        *("contoso", "ana", "fabrikam", "Sales pipeline", ("sales",), 120, _OFFICIAL),
        activity=Activity.PRESALES_AND_USAGE,
    ),
    Story(
        *("contoso", "ana", "tailspin", "Managed devices", ("intune", "azure-ad-premium"), 100),
        (*_REVIEWED, "ask", "answer", "approve", "settle"),
        place="Berlin",
        words="Please name the dates of the rollout.",
    ),
    Story(
        *("litware", "lina", "najd", "Warehouse supply chain", ("supply-chain",), 90, _OFFICIAL),
        activity=Activity.PRESALES_AND_USAGE,
    ),
    Story(
        *("litware", "lina", "proseware", "Learning in the editorial office"),
        *(("teams-meetings", "viva-learning"), 75, (*_APPROVED, "refuse_last", "settle")),
        place="London",
        words="We never used Viva Learning.",
    ),
    Story(
        *("aurora", "beatriz", "horizonte", "Finanças na nuvem", ("finance",), 110, _OFFICIAL),
    ),
    Story(
        *("aurora", "beatriz", "rioverde", "Colheita 360 sobre Business Central"),
        *(("business-central",), 55, _OFFICIAL),
        activity=Activity.REVENUE,
        facts=tuple(_REVENUE_FACTS.items()),
    ),
)

APPROVED = (
    Story(
        *("contoso", "ana", "wingtip", "Phones over Teams", ("teams-phone",), 4, _APPROVED),
    ),
    Story(
        *("aurora", "beatriz", "horizonte", "Dispositivos e bem-estar"),
        *(("intune", "viva-insights"), 5, (*_APPROVED, "refuse_last")),
        words="Não contratamos o Viva Insights.",
    ),
    Story(
        *("litware", "lina", "adatum", "Platform apps", ("teams-platform",), 4, _APPROVED),
        mailbox="unknown",
    ),
    Story(
        *("aurora", "beatriz", "lusitania", "Proteção de dados", ("information-protection",), 4),
        _APPROVED,
        mailbox="full",
    ),
    Story(
        *("litware", "lina", "sakura", "Intranet start page", ("viva-connections",), 2, _APPROVED),
        is_posted=False,
    ),
    Story(
        *("litware", "lina", "fabrikam", "Teams in the sales offices", ("teams",), 24, _OFFICIAL),
    ),
    Story(
        *("contoso", "ana", "proseware", "Calls over Teams", ("teams-phone",), 5),
        (*_APPROVED, "wrong_person"),
    ),
    Story(
        *("aurora", "beatriz", "maracuja", "Rede interna das padarias", ("yammer",), 6),
        (*_APPROVED, "wrong_person", "correct"),
        successor=("Bento Farias", "Contador", "bento@farias-contadores.example"),
    ),
)

CLOSED = (
    Story(
        *("contoso", "ana", "alpine", "Teams for the huts", ("teams",), 130, (*_OFFICIAL, "end")),
        words="The season is over and so is the contract.",
    ),
    Story(
        *("contoso", "ana", "adatum", "Reports for the wards", ("power-bi",), 3),
        (*_REVIEWED, "reject"),
        words="The letter is not signed by the customer.",
    ),
    Story(
        *("aurora", "beatriz", "maracuja", "Loja piloto", ("teams",), 15, ("submit", "withdraw")),
        words="O cliente adiou o projeto.",
    ),
    Story(
        *("litware", "lina", "wingtip", "Company network", ("yammer",), 30),
        (*_REVIEWED, "ask", "fall_silent"),
        words="Please add the customer's acknowledgement.",
        reasons=(InformationReason.ACKNOWLEDGEMENT_MISSING,),
    ),
    Story(
        *("aurora", "beatriz", "rioverde", "Correio e Teams", ("teams", "exchange-online"), 25),
        (*_APPROVED, "refuse_all", "settle"),
        words="Não trabalhamos mais com a Aurora.",
    ),
    Story(
        *("contoso", "ana", "southridge", "Topics pilot", ("viva-topics",), 45),
        (*_REVIEWED, "reject", "dispute", "turn_down"),
        words="Page 2 of the statement is about Viva Topics.",
        verdict="Page 2 plans Viva Topics for later. The proof must show work that was done.",
        rejection=RejectionReason.PRODUCTS_MISSING,
    ),
)

OPEN = (
    Story(
        *("litware", "lina", "najd", "Shop counter", ("commerce",), 5),
        (*_REVIEWED, "reject", "dispute"),
        activity=Activity.PRESALES,
        words="The customer's stamp is its signature in Saudi Arabia.",
        verdict="The letter bears no signature of the customer.",
    ),
    Story(
        *("contoso", "ana", "wingtip", "Books in the cloud", ("business-central",), 3),
        (*_REVIEWED, "ask"),
        words="The statement names no date. Which day did the customer go live?",
    ),
    Story(
        *("litware", "lina", "fabrikam", "Mail for the dealers", ("exchange-online",), 4),
        (*_REVIEWED, "partner_says"),
        words="We have looked after the dealers' mail since March.",
    ),
    Story(
        *("litware", "lina", "adatum", "Finance for the clinics", ("finance",), 13, ("submit",)),
    ),
    Story(
        *("contoso", "ana", "alpine", "Mail for the huts", ("exchange-online",), 2, _REVIEWED),
        mailbox="greta@bergpost.example",
    ),
    Story(
        *("aurora", "beatriz", "lusitania", "Office para corretores", ("microsoft-365-apps",), 1),
        ("submit",),
        is_posted=False,
    ),
    Story(
        *("contoso", "ana", "tailspin", "Document archive", ("sharepoint-online",), 1),
    ),
    Story(
        *("contoso", "ben", "alpine", "Devices of the huts", ("intune",), 1),
        place="Berlin",
    ),
    Story(
        *("aurora", "beatriz", "maracuja", "Padarias conectadas", ("teams", "intune"), 1),
        has_proof=False,
    ),
)

STORIES = OFFICIAL + APPROVED + CLOSED + OPEN
