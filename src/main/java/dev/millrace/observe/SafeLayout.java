package dev.millrace.observe;

import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.millrace.resource.SafeText;

/**
 * The layout of all log lines, named in {@code logback.xml}: whatever a line quotes of a sender, it
 * holds no character that controls a terminal and no secret of a URL.
 */
public final class SafeLayout extends PatternLayout {
    @Override
    public String doLayout(ILoggingEvent event) {
        return SafeText.escaped(SafeText.withoutSecrets(super.doLayout(event)));
    }
}
