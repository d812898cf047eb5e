#!/bin/bash
# A CalDAV client, made of curl: calendar.sh URL USER:PASSWORD make|write UID|find UID|write-over UID ETAG
# Prints the answer's status, and what came with it. Whoever waits for the service calls it again.
set -euo pipefail
url=$1 user=$2 what=$3 uid=${4:-}
ask() {
    curl --silent --insecure --max-time 10 --user "$user" --write-out '%{http_code}\n' "$@"
}
appointment() {
    printf '%s\r\n' BEGIN:VCALENDAR VERSION:2.0 PRODID:-//molecule//EN BEGIN:VEVENT "UID:$uid" DTSTAMP:20261130T120000Z \
        DTSTART:20261201T120000Z DTEND:20261201T130000Z "SUMMARY:$uid" END:VEVENT END:VCALENDAR
}
case $what in
    make) ask --request MKCALENDAR "$url/" ;;
    write) appointment | ask --request PUT --header 'Content-Type: text/calendar' --data-binary @- "$url/$uid.ics" ;;
    write-over)
        appointment | ask --request PUT --header 'Content-Type: text/calendar' --header "If-Match: $5" --data-binary @- \
            "$url/$uid.ics"
        ;;
    find)
        ask --request REPORT --header 'Content-Type: application/xml' --header 'Depth: 1' --data-binary @- "$url/" <<XML
<C:calendar-query xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:D="DAV:">
  <D:prop><D:getetag/><C:calendar-data/></D:prop>
  <C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">
    <C:prop-filter name="UID"><C:text-match>$uid</C:text-match></C:prop-filter>
  </C:comp-filter></C:comp-filter></C:filter>
</C:calendar-query>
XML
        ;;
esac
