package dev.millrace.objects;

import dev.millrace.job.ObjectRef;
import java.io.ByteArrayInputStream;
import java.util.Optional;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * What a store says of a request that it refused.
 *
 * @param code its word for the reason, such as {@code NoSuchKey}; empty where it says none
 * @param message a sentence of it, which may name what a sender must not know
 * @param region where the bucket is instead
 * @param endpoint host of the bucket instead
 */
public record StoreError(
        String code, String message, Optional<String> region, Optional<String> endpoint) {
    /** Of such an answer, so much is read. */
    public static final int MAX_BYTES = 8 << 10;

    private static final int MAX_CODE = 64;

    /** Nothing can be read of it. */
    static final StoreError UNREADABLE = new StoreError("", "", Optional.empty(), Optional.empty());

    static final XMLInputFactory XML = factory();

    private static XMLInputFactory factory() {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_COALESCING, true);
        return factory;
    }

    /** Reads the body as far as it is there; what is cut off or no XML at all says less. */
    public static StoreError of(byte[] body) {
        String code = "";
        String message = "";
        Optional<String> region = Optional.empty();
        Optional<String> endpoint = Optional.empty();
        try {
            XMLStreamReader xml = XML.createXMLStreamReader(new ByteArrayInputStream(body));
            int depth = 0;
            String element = "";
            while (xml.hasNext()) {
                switch (xml.next()) {
                    case XMLStreamConstants.START_ELEMENT -> {
                        depth++;
                        element = xml.getLocalName();
                    }
                    case XMLStreamConstants.END_ELEMENT -> {
                        depth--;
                        element = "";
                    }
                    case XMLStreamConstants.CHARACTERS -> {
                        if (depth == 2) {
                            String text = xml.getText().strip();
                            switch (element) {
                                case "Code" -> code = word(text);
                                case "Message" -> message = text;
                                case "Region" ->
                                        region = Optional.of(text).filter(ObjectRef::isRegion);
                                case "Endpoint" -> endpoint = Optional.of(text);
                                default -> {}
                            }
                        }
                    }
                    default -> {}
                }
            }
        } catch (XMLStreamException e) {
            // Whatever was understood before counts.
        }
        return new StoreError(code, message, region, endpoint);
    }

    /** It goes into lines for senders. */
    private static String word(String text) {
        return text.length() <= MAX_CODE && text.matches("[A-Za-z0-9._-]+") ? text : "";
    }
}
