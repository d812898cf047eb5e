"""Makes the applications of the scenario: wars.py TARGET GLASSFISH-ZIP. One works, the others have something wrong."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
SERVLET_API = "glassfish7/glassfish/modules/jakarta.servlet-api.jar"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0">'
COUNT = (
    "<servlet><servlet-name>count</servlet-name><servlet-class>Count</servlet-class></servlet>"
    "<servlet-mapping><servlet-name>count</servlet-name><url-pattern>/count</url-pattern></servlet-mapping>"
)
MISSING = "<listener><listener-class>no.such.Listener</listener-class></listener>"
DESCRIPTORS = {
    "first": f"{HEAD}<distributable/>{COUNT}</web-app>",
    "second": f"{HEAD}<distributable/>{COUNT}</web-app>",
    # Its sessions stay where they were begun.
    "alone": f"{HEAD}{COUNT}</web-app>",
    # GlassFish does not take the first, and takes the second, which does not start.
    "malformed": f"{HEAD}<distributable>{COUNT}</web-app>",
    "failing": f"{HEAD}<distributable/>{MISSING}{COUNT}</web-app>",
}


def main() -> None:
    target, distribution = map(Path, sys.argv[1:])
    target.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as top:
        with zipfile.ZipFile(distribution) as packed:
            Path(top, "servlet.jar").write_bytes(packed.read(SERVLET_API))
        # Of the oldest Java that GlassFish 7 runs on.
        argv = ["javac", "--release", "11", "-classpath", f"{top}/servlet.jar", "-d", top, HERE / "Count.java"]
        subprocess.run(argv, check=True)
        compiled = Path(top, "Count.class").read_bytes()
    for name, descriptor in DESCRIPTORS.items():
        with zipfile.ZipFile(target / f"{name}.war", "w") as war:
            war.writestr("WEB-INF/web.xml", descriptor)
            war.writestr("WEB-INF/classes/Count.class", compiled)
            war.writestr("status.html", f"{name}\n")


if __name__ == "__main__":
    main()
