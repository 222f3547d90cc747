"""A description of an export in Croissant 1.0 (docs.mlcommons.org/croissant), for programs."""

import json
from datetime import datetime
from typing import Any

from dataset.columns import Column, Kind
from toastclub.serializers import api_time

CONFORMS_TO = "http://mlcommons.org/croissant/1.0"
RECORD_SET = "takes"
AUDIO_FILES = "audio-files"
CONTEXT = {
    "@language": "es",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
DATA_TYPES = {
    Kind.INTEGER: "sc:Integer",
    Kind.NUMBER: "sc:Float",
    Kind.BOOLEAN: "sc:Boolean",
    Kind.MOMENT: "sc:DateTime",
}


def croissant_json(
    *, table: str, sha256: str, columns: list[Column], audio: str, version: str, moment: datetime
) -> bytes:
    """`table` is the CSV's path, `sha256` its digest, `audio` the pattern of the audio's paths."""
    description = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "name": "toastclub",
        "description": "Discursos leídos en realidad virtual, con el texto que se leyó.",
        "conformsTo": CONFORMS_TO,
        "version": version,
        "datePublished": api_time(moment),
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": table,
                "name": table,
                "contentUrl": table,
                "encodingFormat": "text/csv",
                "sha256": sha256,
            },
            {
                "@type": "cr:FileSet",
                "@id": AUDIO_FILES,
                "name": AUDIO_FILES,
                "encodingFormat": "audio/*",
                "includes": audio,
            },
        ],
        "recordSet": [
            {
                "@type": "cr:RecordSet",
                "@id": RECORD_SET,
                "name": RECORD_SET,
                "field": [_field(column, table) for column in columns],
            }
        ],
    }
    return json.dumps(description, ensure_ascii=False, indent=1).encode() + b"\n"


def _field(column: Column, table: str) -> dict[str, Any]:
    unit = f" ({column.unit})" if column.unit else ""
    return {
        "@type": "cr:Field",
        "@id": f"{RECORD_SET}/{column.name}",
        "name": column.name,
        "description": f"{column.meaning}{unit}",
        "dataType": DATA_TYPES.get(column.kind, "sc:Text"),
        "source": {"fileObject": {"@id": table}, "extract": {"column": column.name}},
    }
