"""Every domain of the hub; a new one is a file here and a line below."""

from mdm.domains.cost_center import COST_CENTER
from mdm.domains.legal_entity import LEGAL_ENTITY
from mdm.domains.project import PROJECT
from mdm.domains.supplier import SUPPLIER
from mdm.domains.tax_code import TAX_CODE
from mdm.errors import UnknownName
from mdm.model.domain import Domain

DOMAINS: dict[str, Domain] = {
    domain.name: domain for domain in (LEGAL_ENTITY, COST_CENTER, PROJECT, TAX_CODE, SUPPLIER)
}
BY_PREFIX = {domain.prefix: domain for domain in DOMAINS.values()}
"""The domains by what their golden ids start with."""


def domain_named(name: str) -> Domain:
    """The domain of this name or path ("supplier", "suppliers"); UnknownName lists them all."""
    for domain in DOMAINS.values():
        if name in (domain.name, domain.path):
            return domain
    raise UnknownName.among("domain", name, [domain.path for domain in DOMAINS.values()])
