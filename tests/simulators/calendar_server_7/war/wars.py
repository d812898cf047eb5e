"""Makes the application of the simulated product: wars.py TARGET GLASSFISH-ZIP."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
SERVLET_API = "glassfish7/glassfish/modules/jakarta.servlet-api.jar"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0">\n'
NAMED = "  <display-name>Calendar Server</display-name>\n"
SERVLET = (
    "  <servlet><servlet-name>dav</servlet-name><servlet-class>Davserver</servlet-class></servlet>\n"
    "  <servlet-mapping><servlet-name>dav</servlet-name><url-pattern>/dav/*</url-pattern></servlet-mapping>\n"
)
MISSING = "  <listener><listener-class>no.such.Listener</listener-class></listener>\n"
#: As the vendor delivers it, and a patch of it; one that does not start; one whose descriptor is cut off.
DESCRIPTORS = {
    "davserver": f"{HEAD}{NAMED}{SERVLET}</web-app>\n",
    "patched": f"{HEAD}{NAMED}{SERVLET}</web-app>\n",
    "failing": f"{HEAD}{NAMED}{MISSING}{SERVLET}</web-app>\n",
    "malformed": f"{HEAD}{NAMED}{SERVLET}",
}


def main() -> None:
    target, distribution = map(Path, sys.argv[1:])
    target.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as top:
        with zipfile.ZipFile(distribution) as packed:
            Path(top, "servlet.jar").write_bytes(packed.read(SERVLET_API))
        # Of the oldest Java that GlassFish 7 runs on.
        argv = ["javac", "--release", "11", "-classpath", f"{top}/servlet.jar", "-d", top, str(HERE / "Davserver.java")]
        subprocess.run(argv, check=True)
        compiled = {path.name: path.read_bytes() for path in Path(top).glob("*.class")}
    for name, descriptor in DESCRIPTORS.items():
        with zipfile.ZipFile(target / f"{name}.war", "w") as war:
            war.writestr("WEB-INF/web.xml", descriptor)
            for file, content in compiled.items():
                war.writestr(f"WEB-INF/classes/{file}", content)
            war.writestr("status.html", f"{name}\n")


if __name__ == "__main__":
    main()
