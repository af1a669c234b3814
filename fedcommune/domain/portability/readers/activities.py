"""What an activity of the NAF (revision 2, INSEE) is called by who looks for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

# By class or division; the longest that fits is taken.
_NAMES: Final[Mapping[str, str]] = {
    "01": "Agriculture", "02": "Forêt", "03": "Pêche", "05": "Mines", "10": "Agroalimentaire",
    "10.71": "Boulangerie", "11": "Boissons", "13": "Textile", "14": "Habillement",
    "15": "Cuir", "16": "Bois", "18": "Imprimerie", "20": "Chimie", "25": "Métallerie",
    "31": "Meubles", "32": "Artisanat", "33": "Réparation", "35": "Énergie", "36": "Eau",
    "37": "Assainissement", "38": "Déchets", "41": "Construction", "42": "Travaux publics",
    "43": "Bâtiment", "43.21": "Électricité", "43.22": "Plomberie", "43.32": "Menuiserie",
    "43.34": "Peinture", "45": "Automobile", "46": "Commerce de gros", "47": "Commerce",
    "47.11": "Alimentation", "47.2": "Alimentation", "47.61": "Librairie", "47.73": "Pharmacie",
    "47.76": "Fleuriste", "47.8": "Marché", "49": "Transport", "50": "Transport par mer",
    "52": "Logistique", "53": "Poste", "55": "Hébergement", "56": "Restauration",
    "56.3": "Bar", "58": "Édition", "59": "Cinéma", "60": "Radio", "61": "Télécoms",
    "62": "Informatique", "63": "Informatique", "64": "Banque", "65": "Assurance",
    "66": "Assurance", "68": "Immobilier", "69": "Droit et comptabilité", "70": "Conseil",
    "71": "Architecture", "72": "Recherche", "73": "Publicité", "74": "Création",
    "75": "Vétérinaire", "77": "Location", "78": "Emploi", "79": "Voyage", "80": "Sécurité",
    "81": "Nettoyage", "81.3": "Jardinage", "82": "Services", "84": "Service public",
    "85": "Enseignement", "86": "Santé", "87": "Accueil", "88": "Action sociale",
    "88.91": "Petite enfance", "90": "Spectacle", "91": "Culture", "93": "Sport",
    "94": "Association", "95": "Réparation", "96": "Services", "96.02": "Coiffure",
}  # fmt: skip


def name_of(code: str) -> str:
    """Return the name of an activity, such as that of 47.61Z; empty when it has none here."""
    code = code.strip()
    found = (_NAMES.get(code[:length]) for length in (5, 4, 2))
    return next((name for name in found if name), "")
