"""Romanian: what questions, groups and places are called in it."""

from types import MappingProxyType

NAMES = MappingProxyType(
    {
        "questions": {
            "Q018": "Fructe mai rar decât o dată pe zi",
            "Q019": "Legume mai rar decât o dată pe zi",
            "Q036": "Obezitate",
            "Q037": "Supraponderalitate",
            "Q043": "150 min de activitate aerobică pe săptămână",
            "Q044": "150 min de activitate aerobică pe săptămână și 2 zile de exerciții de forță",
            "Q045": "300 min de activitate aerobică pe săptămână",
            "Q046": "Exerciții de forță 2 zile pe săptămână",
            "Q047": "Nicio activitate fizică în timpul liber",
        },
        "question_texts": {
            "Percent of adults who report consuming fruit less than one time daily": (
                "Procentul adulților care spun că mănâncă fructe mai rar decât o dată pe zi"
            ),
            "Percent of adults who report consuming vegetables less than one time daily": (
                "Procentul adulților care spun că mănâncă legume mai rar decât o dată pe zi"
            ),
            "Percent of adults aged 18 years and older who have obesity": (
                "Procentul adulților de cel puțin 18 ani care au obezitate"
            ),
            "Percent of adults aged 18 years and older who have an overweight classification": (
                "Procentul adulților de cel puțin 18 ani care sunt supraponderali"
            ),
            "Percent of adults who achieve at least 150 minutes a week of moderate-intensity"
            " aerobic physical activity or 75 minutes a week of vigorous-intensity aerobic activity"
            " (or an equivalent combination)": (
                "Procentul adulților care fac pe săptămână cel puțin 150 de minute de activitate"
                " aerobică moderată sau 75 de minute de activitate aerobică intensă (sau o"
                " combinație echivalentă)"
            ),
            "Percent of adults who achieve at least 150 minutes a week of moderate-intensity"
            " aerobic physical activity or 75 minutes a week of vigorous-intensity aerobic physical"
            " activity and engage in muscle-strengthening activities on 2 or more days a week": (
                "Procentul adulților care fac pe săptămână cel puțin 150 de minute de activitate"
                " aerobică moderată sau 75 de minute de activitate aerobică intensă și fac"
                " exerciții de forță cel puțin 2 zile pe săptămână"
            ),
            "Percent of adults who achieve at least 300 minutes a week of moderate-intensity"
            " aerobic physical activity or 150 minutes a week of vigorous-intensity aerobic"
            " activity (or an equivalent combination)": (
                "Procentul adulților care fac pe săptămână cel puțin 300 de minute de activitate"
                " aerobică moderată sau 150 de minute de activitate aerobică intensă (sau o"
                " combinație echivalentă)"
            ),
            "Percent of adults who engage in muscle-strengthening activities on 2 or more days a"
            " week": (
                "Procentul adulților care fac exerciții de forță cel puțin 2 zile pe săptămână"
            ),
            "Percent of adults who engage in no leisure-time physical activity": (
                "Procentul adulților care nu fac nicio activitate fizică în timpul liber"
            ),
        },
        "topics": {
            "Fruits and Vegetables - Behavior": "Fructe și legume",
            "Obesity / Weight Status": "Obezitate și greutate",
            "Physical Activity - Behavior": "Activitate fizică",
        },
        "categories": {
            "Gender": "Sex",
            "Sex": "Sex",
            "Age (years)": "Vârsta (ani)",
            "Education": "Educația",
            "Income": "Venitul",
            "Race/Ethnicity": "Rasa și etnia",
            "Total": "Toți",
        },
        "strata": {
            "Total": "Toți",
            "Male": "Bărbați",
            "Female": "Femei",
            "65 or older": "65 de ani și peste",
            "Less than high school": "Liceu neterminat",
            "High school graduate": "Liceu terminat",
            "Some college or technical school": "Studii superioare neterminate sau școală tehnică",
            "College graduate": "Facultate terminată",
            "Less than $15,000": "Sub 15.000 $",
            "$15,000 - $24,999": "15.000 – 24.999 $",  # noqa: RUF001
            "$25,000 - $34,999": "25.000 – 34.999 $",  # noqa: RUF001
            "$35,000 - $49,999": "35.000 – 49.999 $",  # noqa: RUF001
            "$50,000 - $74,999": "50.000 – 74.999 $",  # noqa: RUF001
            "$75,000 or greater": "75.000 $ sau mai mult",
            "Data not reported": "Date neraportate",
            "Non-Hispanic White": "Albi, nehispanici",
            "Non-Hispanic Black": "De rasă neagră, nehispanici",
            "Hispanic": "Hispanici",
            "American Indian/Alaska Native": "Amerindieni, nativi din Alaska",
            "Asian": "Asiatici",
            "Hawaiian/Pacific Islander": "Hawaiieni, insulari din Pacific",
            "2 or more races": "Două sau mai multe rase",
            "Other": "Altele",
        },
    }
)

PLACES = MappingProxyType(
    {
        "National": "Statele Unite",
        "American Samoa": "Samoa Americană",
        "District of Columbia": "Districtul Columbia",
        "North Carolina": "Carolina de Nord",
        "North Dakota": "Dakota de Nord",
        "Northern Mariana Islands": "Insulele Mariane de Nord",
        "South Carolina": "Carolina de Sud",
        "South Dakota": "Dakota de Sud",
        "Virgin Islands": "Insulele Virgine",
        "West Virginia": "Virginia de Vest",
    }
)

LAYOUTS = MappingProxyType(
    {
        "brfss": {
            "strata": {
                "Total": "Toți adulții",
            },
        },
        "wic": {
            "strata": {
                "Male": "Băieți",
                "Female": "Fete",
                "Total": "Toți copiii din WIC",
            },
        },
        "yrbss": {
            "strata": {
                "Male": "Băieți",
                "Female": "Fete",
                "Total": "Toți elevii",
            },
        },
    }
)
