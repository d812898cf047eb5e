import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.naming.InitialContext;
import javax.naming.NamingException;
import javax.sql.DataSource;

/** Stands in for Calendar Server 7: a session for each user, a little of CalDAV, appointments in a database. */
public class Davserver extends HttpServlet {
    private static final String DATA = "/var/opt/sun/comms/davserver/config/";
    private static final int PATIENCE = 5000;
    private static volatile boolean prepared = false;

    /** An answer that ends the request. */
    private static class Refusal extends Exception {
        final int status;

        Refusal(int status, String words) {
            super(words);
            this.status = status;
        }
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.setHeader("X-Instance", System.getProperty("com.sun.aas.instanceName"));
        try {
            String user = user(request, response);
            String path = request.getPathInfo() == null ? "/" : request.getPathInfo();
            if (path.startsWith("/attach/")) {
                attachment(path.substring(8), user, response);
                return;
            }
            if (path.startsWith("/home/") && !path.startsWith("/home/" + user + "/")) {
                throw new Refusal(403, "this is somebody else's");
            }
            try (Connection database = database()) {
                answer(request, response, path, user, database);
            }
        } catch (Refusal refusal) {
            say(response, refusal.status, "text/plain", refusal.getMessage() + "\n");
        } catch (SQLException | NamingException error) {
            log("database: " + error.getMessage());
            say(response, 503, "text/plain", "the database gives no answer\n");
        }
    }

    private static void say(HttpServletResponse response, int status, String type, String text) throws IOException {
        response.setStatus(status);
        response.setContentType(type + "; charset=utf-8");
        response.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    }

    private static Properties properties(String name) throws Refusal {
        Properties found = new Properties();
        try (InputStream file = new FileInputStream(DATA + name)) {
            found.load(file);
        } catch (IOException error) {
            throw new Refusal(500, name + " is not there");
        }
        return found;
    }

    /** Who asks: whose session it is, or who says the password. */
    private static String user(HttpServletRequest request, HttpServletResponse response) throws Refusal {
        HttpSession session = request.getSession(false);
        String user = session == null ? null : (String) session.getAttribute("user");
        String given = request.getHeader("Authorization");
        if (given != null && given.startsWith("Basic ")) {
            String text = new String(Base64.getDecoder().decode(given.substring(6)), StandardCharsets.UTF_8);
            String[] parts = text.split(":", 2);
            if (parts.length < 2 || !parts[1].equals(properties("directory.properties").getProperty(parts[0]))) {
                response.setHeader("WWW-Authenticate", "Basic realm=\"davserver\"");
                throw new Refusal(401, "wrong name or password");
            }
            user = parts[0];
        }
        if (user == null) {
            response.setHeader("WWW-Authenticate", "Basic realm=\"davserver\"");
            throw new Refusal(401, "log in");
        }
        session = request.getSession(true);
        Integer count = (Integer) session.getAttribute("count");
        session.setAttribute("user", user);
        session.setAttribute("count", count == null ? 1 : count + 1);
        response.setHeader("X-Count", String.valueOf(count == null ? 1 : count + 1));
        return user;
    }

    private static Connection database() throws SQLException, NamingException, Refusal {
        String name = properties("davserver.properties").getProperty("store.dav.defaultbackend.jndiname");
        Connection database = ((DataSource) new InitialContext().lookup(name)).getConnection();
        if (!prepared) {
            try (Statement statement = database.createStatement()) {
                statement.execute("CREATE TABLE IF NOT EXISTS calendars (path VARCHAR(255) PRIMARY KEY, name VARCHAR(255))");
                statement.execute("CREATE TABLE IF NOT EXISTS events (path VARCHAR(255) PRIMARY KEY, calendar VARCHAR(255),"
                    + " text MEDIUMTEXT, etag CHAR(36), KEY (calendar))");
                statement.execute("CREATE TABLE IF NOT EXISTS attachments (id CHAR(36) PRIMARY KEY, user VARCHAR(64))");
                prepared = true;
            } catch (SQLException error) {
                database.close();
                throw error;
            }
        }
        return database;
    }

    private static int change(Connection database, String sql, String... values) throws SQLException {
        try (PreparedStatement statement = database.prepareStatement(sql)) {
            for (int index = 0; index < values.length; index++) {
                statement.setString(index + 1, values[index]);
            }
            return statement.executeUpdate();
        }
    }

    private static List<String[]> rows(Connection database, int columns, String sql, String... values) throws SQLException {
        List<String[]> found = new ArrayList<>();
        try (PreparedStatement statement = database.prepareStatement(sql)) {
            for (int index = 0; index < values.length; index++) {
                statement.setString(index + 1, values[index]);
            }
            ResultSet result = statement.executeQuery();
            while (result.next()) {
                String[] row = new String[columns];
                for (int column = 0; column < columns; column++) {
                    row[column] = result.getString(column + 1);
                }
                found.add(row);
            }
        }
        return found;
    }

    private static byte[] body(HttpServletRequest request) throws IOException, Refusal {
        String most = properties("davserver.properties").getProperty("davcore.serverlimits.maxcontentlength", "10000000");
        int limit = Integer.parseInt(most);
        byte[] found = request.getContentLengthLong() > limit ? null : request.getInputStream().readNBytes(limit + 1);
        if (found == null || found.length > limit) {
            throw new Refusal(413, "more than " + limit + " bytes");
        }
        return found;
    }

    private void answer(HttpServletRequest request, HttpServletResponse response, String path, String user,
                        Connection database) throws IOException, Refusal, SQLException {
        String method = request.getMethod();
        String home = "/home/" + user + "/";
        change(database, "INSERT IGNORE INTO calendars VALUES (?, ?)", home + "calendar/", "calendar");
        String calendar = path.substring(0, path.lastIndexOf('/') + 1);
        switch (method) {
            case "OPTIONS":
                response.setHeader("DAV", "1, calendar-access, calendar-managed-attachments");
                response.setHeader("Allow", "OPTIONS, GET, PUT, POST, DELETE, PROPFIND, REPORT, MKCALENDAR");
                return;
            case "MKCALENDAR":
                String wanted = path.endsWith("/") ? path : path + "/";
                Matcher named = Pattern.compile("displayname>([^<]*)<").matcher(new String(body(request), StandardCharsets.UTF_8));
                if (change(database, "INSERT IGNORE INTO calendars VALUES (?, ?)", wanted, named.find() ? named.group(1) : "") == 0) {
                    throw new Refusal(405, "this calendar is there");
                }
                response.setStatus(201);
                return;
            case "PUT":
                put(request, response, path, calendar, database);
                return;
            case "POST":
                if (rows(database, 1, "SELECT path FROM events WHERE path = ?", path).isEmpty()) {
                    throw new Refusal(404, "there is no such appointment");
                }
                attach(request, response, user, database);
                return;
            case "GET":
                List<String[]> found = rows(database, 2, "SELECT text, etag FROM events WHERE path = ?", path);
                if (found.isEmpty()) {
                    throw new Refusal(404, "there is no such appointment");
                }
                response.setHeader("ETag", '"' + found.get(0)[1] + '"');
                say(response, 200, "text/calendar", found.get(0)[0]);
                return;
            case "DELETE":
                int gone = change(database, "DELETE FROM events WHERE path = ? OR calendar = ?", path, path);
                gone += change(database, "DELETE FROM calendars WHERE path = ?", path);
                if (gone == 0) {
                    throw new Refusal(404, "there is no such thing");
                }
                response.setStatus(204);
                return;
            case "PROPFIND":
                propfind(request, response, path, user, database);
                return;
            case "REPORT":
                report(request, response, path, database);
                return;
            default:
                throw new Refusal(405, "no such method");
        }
    }

    private static void put(HttpServletRequest request, HttpServletResponse response, String path, String calendar,
                            Connection database) throws IOException, Refusal, SQLException {
        String text = new String(body(request), StandardCharsets.UTF_8);
        if (!text.startsWith("BEGIN:VCALENDAR") || !text.trim().endsWith("END:VCALENDAR")) {
            throw new Refusal(400, "is no appointment");
        }
        if (rows(database, 1, "SELECT path FROM calendars WHERE path = ?", calendar).isEmpty()) {
            throw new Refusal(409, "there is no such calendar");
        }
        String etag = UUID.randomUUID().toString();
        String match = request.getHeader("If-Match");
        int changed;
        if (match != null && !match.equals("*")) {
            String sql = "UPDATE events SET text = ?, etag = ? WHERE path = ? AND etag = ?";
            changed = change(database, sql, text, etag, path, match.replace("\"", ""));
            response.setStatus(204);
        } else if ("*".equals(request.getHeader("If-None-Match"))) {
            changed = change(database, "INSERT IGNORE INTO events VALUES (?, ?, ?, ?)", path, calendar, text, etag);
            response.setStatus(201);
        } else {
            boolean there = !rows(database, 1, "SELECT path FROM events WHERE path = ?", path).isEmpty();
            changed = change(database, "REPLACE INTO events VALUES (?, ?, ?, ?)", path, calendar, text, etag);
            response.setStatus(there ? 204 : 201);
        }
        if (changed == 0) {
            throw new Refusal(412, "somebody else changed it meanwhile");
        }
        response.setHeader("ETag", '"' + etag + '"');
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    private static String shown(HttpServletRequest request, String path, String properties) {
        String href = request.getContextPath() + request.getServletPath() + path;
        return "<D:response><D:href>" + escaped(href) + "</D:href><D:propstat><D:prop>" + properties
            + "</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>";
    }

    private static void multistatus(HttpServletResponse response, String text) throws IOException {
        say(response, 207, "application/xml", "<?xml version=\"1.0\" encoding=\"utf-8\"?><D:multistatus xmlns:D=\"DAV:\""
            + " xmlns:C=\"urn:ietf:params:xml:ns:caldav\">" + text + "</D:multistatus>");
    }

    private static void propfind(HttpServletRequest request, HttpServletResponse response, String path, String user,
                                 Connection database) throws IOException, Refusal, SQLException {
        String base = request.getContextPath() + request.getServletPath();
        String who = "<D:current-user-principal><D:href>" + base + "/principals/" + user + "/</D:href></D:current-user-principal>"
            + "<C:calendar-home-set><D:href>" + base + "/home/" + user + "/</D:href></C:calendar-home-set>";
        String collection = "<D:resourcetype><D:collection/></D:resourcetype>";
        boolean deep = !"0".equals(request.getHeader("Depth"));
        StringBuilder text = new StringBuilder();
        if (path.equals("/") || path.startsWith("/principals/") || path.equals("/home/" + user + "/")) {
            text.append(shown(request, path, who + collection));
        }
        String sql = "SELECT path, name FROM calendars WHERE path LIKE ?";
        for (String[] row : rows(database, 2, sql, path.equals("/home/" + user + "/") && deep ? path + "%" : path)) {
            text.append(shown(request, row[0], who + "<D:displayname>" + escaped(row[1]) + "</D:displayname>"
                + "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>"
                + "<C:supported-calendar-component-set><C:comp name=\"VEVENT\"/></C:supported-calendar-component-set>"));
        }
        sql = "SELECT path, etag FROM events WHERE calendar = ? OR path = ?";
        for (String[] row : rows(database, 2, sql, deep ? path : "", path)) {
            text.append(shown(request, row[0], "<D:getetag>\"" + row[1] + "\"</D:getetag><D:resourcetype/>"
                + "<D:getcontenttype>text/calendar</D:getcontenttype>"));
        }
        if (text.length() == 0) {
            throw new Refusal(404, "there is no such thing");
        }
        multistatus(response, text.toString());
    }

    private static void report(HttpServletRequest request, HttpServletResponse response, String path,
                               Connection database) throws IOException, Refusal, SQLException {
        String wanted = new String(body(request), StandardCharsets.UTF_8);
        if (rows(database, 1, "SELECT path FROM calendars WHERE path = ?", path).isEmpty()) {
            throw new Refusal(404, "there is no such calendar");
        }
        Matcher range = Pattern.compile("time-range[^>]*").matcher(wanted);
        String between = range.find() ? range.group() : "";
        Matcher from = Pattern.compile("start=\"([^\"]*)").matcher(between);
        Matcher until = Pattern.compile("end=\"([^\"]*)").matcher(between);
        String first = from.find() ? from.group(1) : "";
        String last = until.find() ? until.group(1) : "9";
        StringBuilder text = new StringBuilder();
        for (String[] row : rows(database, 3, "SELECT path, etag, text FROM events WHERE calendar = ?", path)) {
            Matcher begins = Pattern.compile("DTSTART[^:]*:(\\S+)").matcher(row[2]);
            String moment = begins.find() ? begins.group(1) : "";
            boolean asked = !wanted.contains("calendar-multiget") || wanted.contains(row[0] + "<");
            if (asked && moment.compareTo(first) >= 0 && moment.compareTo(last) < 0) {
                text.append(shown(request, row[0], "<D:getetag>\"" + row[1] + "\"</D:getetag><C:calendar-data>"
                    + escaped(row[2]) + "</C:calendar-data>"));
            }
        }
        multistatus(response, text.toString());
    }

    private static HttpURLConnection store(String id) throws IOException, Refusal {
        Properties given = properties("davserver.properties");
        String host = given.getProperty("store.dav.defaultbackend.attachstorehost", "");
        if (host.isEmpty()) {
            throw new Refusal(503, "no document store is configured");
        }
        String port = given.getProperty("store.dav.defaultbackend.attachstoreport");
        String proof = "davserver:" + properties("davservercreds.properties").getProperty("store.document.password");
        HttpURLConnection store = (HttpURLConnection) new URL("http://" + host + ":" + port + "/docs/" + id).openConnection();
        store.setConnectTimeout(PATIENCE);
        store.setReadTimeout(PATIENCE);
        store.setRequestProperty("Authorization", "Basic " + Base64.getEncoder().encodeToString(proof.getBytes(StandardCharsets.UTF_8)));
        return store;
    }

    private void attach(HttpServletRequest request, HttpServletResponse response, String user, Connection database)
            throws IOException, Refusal, SQLException {
        byte[] given = body(request);
        String id = UUID.randomUUID().toString();
        int status;
        try {
            HttpURLConnection store = store(id);
            store.setRequestMethod("PUT");
            store.setDoOutput(true);
            store.getOutputStream().write(given);
            status = store.getResponseCode();
        } catch (IOException error) {
            throw new Refusal(503, "the document store gives no answer");
        }
        if (status != 201) {
            throw new Refusal(503, "the document store answers with " + status);
        }
        change(database, "INSERT INTO attachments VALUES (?, ?)", id, user);
        response.setHeader("Cal-Managed-ID", id);
        response.setHeader("Location", request.getContextPath() + request.getServletPath() + "/attach/" + id);
        response.setStatus(201);
    }

    private void attachment(String id, String user, HttpServletResponse response) throws IOException, Refusal, SQLException, NamingException {
        try (Connection database = database()) {
            if (rows(database, 1, "SELECT id FROM attachments WHERE id = ? AND user = ?", id, user).isEmpty()) {
                throw new Refusal(404, "there is no such attachment");
            }
        }
        byte[] found;
        try {
            HttpURLConnection store = store(id);
            if (store.getResponseCode() != 200) {
                throw new Refusal(503, "the document store answers with " + store.getResponseCode());
            }
            found = store.getInputStream().readAllBytes();
        } catch (IOException error) {
            throw new Refusal(503, "the document store gives no answer");
        }
        response.setContentType("application/octet-stream");
        response.getOutputStream().write(found);
    }
}
