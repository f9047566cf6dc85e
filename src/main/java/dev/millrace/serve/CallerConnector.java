package dev.millrace.serve;

import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/** Takes callers' connections, which it has listed. Its threads are the server's. */
final class CallerConnector extends ServerConnector {
    private final Connections connections;

    CallerConnector(Server server, Connections connections, ConnectionFactory... protocols) {
        super(server, null, null, null, 1, 1, protocols);
        this.connections = connections;
    }

    @Override
    protected SocketChannelEndPoint newEndPoint(
            SocketChannel channel, ManagedSelector selector, SelectionKey key) {
        CallerEndPoint connection =
                new CallerEndPoint(
                        channel,
                        selector,
                        key,
                        getScheduler(),
                        CallerEndPoint.HEAD_NS,
                        connections);
        connection.setIdleTimeout(getIdleTimeout());
        return connection;
    }

    @Override
    protected void onEndPointOpened(EndPoint endPoint) {
        super.onEndPointOpened(endPoint);
        connections.opened(CallerEndPoint.under(endPoint));
    }

    @Override
    protected void onEndPointClosed(EndPoint endPoint) {
        connections.closed(CallerEndPoint.under(endPoint));
        super.onEndPointClosed(endPoint);
    }
}
