import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;

/** Counts the requests of a session, and says which instance it is on. */
public class Count extends HttpServlet {
    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        HttpSession session = request.getSession(true);
        Integer before = (Integer) session.getAttribute("count");
        int count = before == null ? 1 : before + 1;
        session.setAttribute("count", count);
        response.setContentType("application/json");
        response.getWriter().printf(
            "{\"count\": %d, \"instance\": \"%s\"}", count, System.getProperty("com.sun.aas.instanceName"));
    }
}
