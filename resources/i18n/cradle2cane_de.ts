<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name>c2c::ui::AboutDialog</name>
    <message>
        <source>About Cradle2Cane</source>
        <translation>Über Cradle2Cane</translation>
    </message>
    <message>
        <source># Cradle2Cane %1

One photo, every age from 0 to 100, on your own computer. Nothing is sent anywhere.

Apache License 2.0. Built on Qt, LibTorch, OpenCV, dlib, OpenImageIO, Exiv2 and LittleCMS, under their own licences.

</source>
        <translation># Cradle2Cane %1

Ein Foto, jedes Alter von 0 bis 100, auf dem eigenen Rechner. Nichts wird irgendwohin gesendet.

Apache-Lizenz 2.0. Gebaut auf Qt, LibTorch, OpenCV, dlib, OpenImageIO, Exiv2 und LittleCMS, jeweils unter deren Lizenzen.

</translation>
    </message>
    <message>
        <source>## Model in use: %1 %2

Licence: %3. %4

</source>
        <translation>## Verwendetes Modell: %1 %2

Lizenz: %3. %4

</translation>
    </message>
</context>
<context>
    <name>c2c::ui::AdjustPanel</name>
    <message>
        <source>Person</source>
        <translation>Person</translation>
    </message>
    <message>
        <source>The age of the person in the photo. It is estimated; correct it when you know better:
the slider&apos;s own-age mark follows, and at this age nothing changes.</source>
        <translation>Das Alter der Person auf dem Foto. Es ist geschätzt; berichtigen Sie es, wenn Sie es besser wissen:
die Marke am Regler folgt, und bei diesem Alter ändert sich nichts.</translation>
    </message>
    <message>
        <source>Male</source>
        <translation>männlich</translation>
    </message>
    <message>
        <source>Female</source>
        <translation>weiblich</translation>
    </message>
    <message>
        <source>How the model sees the face. It is estimated; correct it when it is wrong.</source>
        <translation>Wie das Modell das Gesicht sieht. Es ist geschätzt; berichtigen Sie es, wenn es nicht stimmt.</translation>
    </message>
    <message>
        <source>Own age</source>
        <translation>Eigenes Alter</translation>
    </message>
    <message>
        <source>Gender</source>
        <translation>Geschlecht</translation>
    </message>
    <message>
        <source>Result</source>
        <translation>Ergebnis</translation>
    </message>
    <message>
        <source>Amount</source>
        <translation>Stärke</translation>
    </message>
    <message>
        <source>How much of the change is put on the photo. 100 % is as the model made it.</source>
        <translation>Wie viel der Änderung auf das Foto kommt. 100 % ist, wie das Modell es gemacht hat.</translation>
    </message>
    <message>
        <source>Keep the photo&apos;s detail</source>
        <translation>Details des Fotos behalten</translation>
    </message>
    <message>
        <source>Replace the face</source>
        <translation>Gesicht ersetzen</translation>
    </message>
    <message>
        <source>Keep: the change is added to the photo, so its pores and grain stay.
Replace: the face is the model&apos;s own picture.</source>
        <translation>Behalten: die Änderung wird zum Foto addiert, Poren und Korn bleiben.
Ersetzen: das Gesicht ist das Bild des Modells.</translation>
    </message>
    <message>
        <source>Grey behind the head for the model</source>
        <translation>Grau hinter dem Kopf fürs Modell</translation>
    </message>
    <message>
        <source>The model sees plain grey behind the head. It may help when the background changes too.</source>
        <translation>Das Modell sieht hinter dem Kopf nur Grau. Das kann helfen, wenn sich auch der Hintergrund ändert.</translation>
    </message>
    <message>
        <source>Show where the photo changes</source>
        <translation>Zeigen, wo sich das Foto ändert</translation>
    </message>
    <message>
        <source>The same number makes the same picture again.</source>
        <translation>Dieselbe Zahl ergibt wieder dasselbe Bild.</translation>
    </message>
    <message>
        <source>New</source>
        <translation>Neu</translation>
    </message>
    <message>
        <source>Another variation (R)</source>
        <translation>Eine andere Variante (R)</translation>
    </message>
    <message>
        <source>Variation</source>
        <translation>Variante</translation>
    </message>
    <message>
        <source>Mode</source>
        <translation>Modus</translation>
    </message>
    <message>
        <source>Background</source>
        <translation>Hintergrund</translation>
    </message>
    <message>
        <source>Leave alone</source>
        <translation>Nicht verändern</translation>
    </message>
    <message>
        <source>Eyes</source>
        <translation>Augen</translation>
    </message>
    <message>
        <source>Teeth</source>
        <translation>Zähne</translation>
    </message>
    <message>
        <source>Hair</source>
        <translation>Haare</translation>
    </message>
    <message>
        <source>Clothes</source>
        <translation>Kleidung</translation>
    </message>
    <message>
        <source>Paint</source>
        <translation>Malen</translation>
    </message>
    <message>
        <source>Erase</source>
        <translation>Radieren</translation>
    </message>
    <message>
        <source>Clear</source>
        <translation>Leeren</translation>
    </message>
    <message>
        <source>Paint over what must not change: glasses, jewellery, a scar (B)</source>
        <translation>Übermalen, was sich nicht ändern darf: Brille, Schmuck, eine Narbe (B)</translation>
    </message>
    <message>
        <source>Take painted parts away again</source>
        <translation>Gemaltes wieder wegnehmen</translation>
    </message>
    <message>
        <source>Brush size</source>
        <translation>Pinselgröße</translation>
    </message>
    <message>
        <source>px</source>
        <translation>px</translation>
    </message>
    <message>
        <source>Hardness</source>
        <translation>Härte</translation>
    </message>
    <message>
        <source>Protect eyes</source>
        <translation>Augen schützen</translation>
    </message>
    <message>
        <source>Protect teeth</source>
        <translation>Zähne schützen</translation>
    </message>
    <message>
        <source>Protect hair</source>
        <translation>Haare schützen</translation>
    </message>
    <message>
        <source>Protect clothes</source>
        <translation>Kleidung schützen</translation>
    </message>
    <message>
        <source>Clear the painted parts</source>
        <translation>Gemaltes leeren</translation>
    </message>
</context>
<context>
    <name>c2c::ui::AgeStrip</name>
    <message>
        <source>Age</source>
        <translation>Alter</translation>
    </message>
    <message>
        <source>Slider of ages from 0 to 100. Left and right change one year, with Shift ten.</source>
        <translation>Regler für das Alter von 0 bis 100. Links und rechts ändern ein Jahr, mit Umschalt zehn.</translation>
    </message>
    <message>
        <source>Go to age %1</source>
        <translation>Zum Alter %1</translation>
    </message>
    <message>
        <source>Compare with age %1 (A)</source>
        <translation>Mit dem Alter %1 vergleichen (A)</translation>
    </message>
    <message>
        <source>Compare with the original</source>
        <translation>Mit dem Original vergleichen</translation>
    </message>
</context>
<context>
    <name>c2c::ui::Canvas</name>
    <message>
        <source>Photo</source>
        <translation>Foto</translation>
    </message>
    <message>
        <source>The photo with the aged face. The wheel zooms, dragging moves it.</source>
        <translation>Das Foto mit dem gealterten Gesicht. Das Rad vergrößert, Ziehen verschiebt.</translation>
    </message>
    <message>
        <source>Drop a photo here</source>
        <translation>Ein Foto hierher ziehen</translation>
    </message>
    <message>
        <source>or click to choose one, or paste it</source>
        <translation>oder klicken, um eines zu wählen, oder einfügen</translation>
    </message>
    <message>
        <source>Original</source>
        <translation>Original</translation>
    </message>
</context>
<context>
    <name>c2c::ui::ChoiceBox</name>
    <message>
        <source>Device</source>
        <translation>Gerät</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>Automatisch</translation>
    </message>
    <message>
        <source>Processor</source>
        <translation>Prozessor</translation>
    </message>
    <message>
        <source>Graphics card</source>
        <translation>Grafikkarte</translation>
    </message>
    <message>
        <source>Precision</source>
        <translation>Genauigkeit</translation>
    </message>
    <message>
        <source>32 bit</source>
        <translation>32 Bit</translation>
    </message>
    <message>
        <source>16 bit (bf16)</source>
        <translation>16 Bit (bf16)</translation>
    </message>
    <message>
        <source>16 bit (fp16)</source>
        <translation>16 Bit (fp16)</translation>
    </message>
    <message>
        <source>Automatic takes the quickest whose picture cannot be told apart.</source>
        <translation>Automatisch nimmt die schnellste, deren Bild nicht zu unterscheiden ist.</translation>
    </message>
</context>
<context>
    <name>c2c::ui::CurvePanel</name>
    <message>
        <source>Age curve</source>
        <translation>Alterskurve</translation>
    </message>
    <message>
        <source>Double click: add or remove a key. Drag: move it. Right click: linear, ease or hold.</source>
        <translation>Doppelklick: Schlüssel setzen oder entfernen. Ziehen: verschieben. Rechtsklick: linear, weich oder halten.</translation>
    </message>
    <message>
        <source>Frame %1, age %2</source>
        <translation>Bild %1, Alter %2</translation>
    </message>
    <message>
        <source>Key %1 of %2: frame %3, age %4</source>
        <translation>Schlüssel %1 von %2: Bild %3, Alter %4</translation>
    </message>
    <message>
        <source>&amp;Linear</source>
        <translation>&amp;Linear</translation>
    </message>
    <message>
        <source>&amp;Ease</source>
        <translation>&amp;Weich</translation>
    </message>
    <message>
        <source>&amp;Hold</source>
        <translation>&amp;Halten</translation>
    </message>
    <message>
        <source>&amp;Remove</source>
        <translation>&amp;Entfernen</translation>
    </message>
</context>
<context>
    <name>c2c::ui::DragOut</name>
    <message>
        <source>Drag out</source>
        <translation>Herausziehen</translation>
    </message>
    <message>
        <source>Drag from here into a file manager or another program</source>
        <translation>Von hier in die Dateiverwaltung oder ein anderes Programm ziehen</translation>
    </message>
</context>
<context>
    <name>c2c::ui::ExportDialog</name>
    <message>
        <source>Export</source>
        <translation>Exportieren</translation>
    </message>
    <message>
        <source>Ages from</source>
        <translation>Alter von</translation>
    </message>
    <message>
        <source>First age</source>
        <translation>Erstes Alter</translation>
    </message>
    <message>
        <source>Last age</source>
        <translation>Letztes Alter</translation>
    </message>
    <message>
        <source>Years between two pictures</source>
        <translation>Jahre zwischen zwei Bildern</translation>
    </message>
    <message>
        <source>As the photo</source>
        <translation>Wie das Foto</translation>
    </message>
    <message>
        <source>8 bit</source>
        <translation>8 Bit</translation>
    </message>
    <message>
        <source>16 bit</source>
        <translation>16 Bit</translation>
    </message>
    <message>
        <source>Browse …</source>
        <translation>Wählen …</translation>
    </message>
    <message>
        <source>{stem} name of the photo, {age} or {age:03} the age, {face} number of the face, {ext} the format&apos;s suffix</source>
        <translation>{stem} Name des Fotos, {age} oder {age:03} das Alter, {face} Nummer des Gesichts, {ext} die Endung des Formats</translation>
    </message>
    <message>
        <source>Keep the photo&apos;s metadata</source>
        <translation>Metadaten des Fotos behalten</translation>
    </message>
    <message>
        <source>… and the place where it was taken</source>
        <translation>… und den Ort der Aufnahme</translation>
    </message>
    <message>
        <source>The change alone, beside it</source>
        <translation>Die Änderung allein, daneben</translation>
    </message>
    <message>
        <source>The matte, beside it</source>
        <translation>Die Maske, daneben</translation>
    </message>
    <message>
        <source>Write over files that are there</source>
        <translation>Vorhandene Dateien überschreiben</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>to</source>
        <translation>bis</translation>
    </message>
    <message>
        <source>every</source>
        <translation>alle</translation>
    </message>
    <message>
        <source>years</source>
        <translation>Jahre</translation>
    </message>
    <message>
        <source>Ages</source>
        <translation>Alter</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>Format</translation>
    </message>
    <message>
        <source>Depth</source>
        <translation>Tiefe</translation>
    </message>
    <message>
        <source>JPEG quality</source>
        <translation>JPEG-Güte</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>With</source>
        <translation>Mit</translation>
    </message>
    <message>
        <source>Folder for the pictures</source>
        <translation>Ordner für die Bilder</translation>
    </message>
    <message>
        <source>There is no aged face to export yet.</source>
        <translation>Es gibt noch kein gealtertes Gesicht.</translation>
    </message>
    <message>
        <source>The folder does not exist.</source>
        <translation>Den Ordner gibt es nicht.</translation>
    </message>
    <message>
        <source>This age (%1)</source>
        <translation>Dieses Alter (%1)</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Cancelled.</source>
        <translation>Abgebrochen.</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 von %2</translation>
    </message>
    <message>
        <source>%1 written, %2 failed.</source>
        <translation>%1 geschrieben, %2 fehlgeschlagen.</translation>
    </message>
    <message numerus="yes">
        <source>%n written.</source>
        <translation>
            <numerusform>%n geschrieben.</numerusform>
            <numerusform>%n geschrieben.</numerusform>
        </translation>
    </message>
    <message>
        <source>Files that are there already: %1.</source>
        <translation>Schon vorhandene Dateien: %1.</translation>
    </message>
    <message numerus="yes">
        <source>, %n s left</source>
        <translation>
            <numerusform>, noch %n s</numerusform>
            <numerusform>, noch %n s</numerusform>
        </translation>
    </message>
    <message>
        <source>Long edge</source>
        <translation>Lange Kante</translation>
    </message>
    <message>
        <source>Per cent</source>
        <translation>Prozent</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Pixels or per cent</source>
        <translation>Pixel oder Prozent</translation>
    </message>
    <message>
        <source> px</source>
        <translation> px</translation>
    </message>
    <message>
        <source>%1 × %2 pixels</source>
        <translation>%1 × %2 Pixel</translation>
    </message>
    <message>
        <source>The photo carries Content Credentials. They do not survive the change: the files are marked as made with AI, not signed.</source>
        <translation>Das Foto trägt Content Credentials. Sie überstehen die Änderung nicht: die Dateien werden als mit KI gemacht gekennzeichnet, nicht signiert.</translation>
    </message>
    <message>
        <source>The files say so in their metadata.</source>
        <translation>Die Dateien sagen das in ihren Metadaten.</translation>
    </message>
</context>
<context>
    <name>c2c::ui::KnownModels</name>
    <message>
        <source>Known models</source>
        <translation>Bekannte Modelle</translation>
    </message>
    <message>
        <source>The built-in model and those added with cradle2cane-cli models add</source>
        <translation>Das eingebaute Modell und alle, die mit cradle2cane-cli models add hinzugefügt wurden</translation>
    </message>
    <message>
        <source>Built-in</source>
        <translation>Eingebaut</translation>
    </message>
    <message>
        <source>%1 (files are gone)</source>
        <translation>%1 (Dateien fehlen)</translation>
    </message>
    <message>
        <source>%1 cannot be used: files of it are gone or altered, such as %2. Put them back, or add the model again.</source>
        <translation>%1 ist nicht verwendbar: Dateien davon fehlen oder sind verändert, etwa %2. Bitte zurücklegen oder das Modell neu hinzufügen.</translation>
    </message>
</context>
<context>
    <name>c2c::ui::MainWindow</name>
    <message>
        <source>Open …</source>
        <translation>Öffnen …</translation>
    </message>
    <message>
        <source>Open a photo or a session (Ctrl+O)</source>
        <translation>Ein Foto oder eine Sitzung öffnen (Strg+O)</translation>
    </message>
    <message>
        <source>Result</source>
        <translation>Ergebnis</translation>
    </message>
    <message>
        <source>The aged photo alone; hold \ to see the original</source>
        <translation>Das gealterte Foto allein; \ halten zeigt das Original</translation>
    </message>
    <message>
        <source>Wipe</source>
        <translation>Schieber</translation>
    </message>
    <message>
        <source>Before and after with a line to drag (W)</source>
        <translation>Vorher und nachher mit einer Linie zum Ziehen (W)</translation>
    </message>
    <message>
        <source>Side by side</source>
        <translation>Nebeneinander</translation>
    </message>
    <message>
        <source>Before and after next to each other (S)</source>
        <translation>Vorher und nachher nebeneinander (S)</translation>
    </message>
    <message>
        <source>Fit</source>
        <translation>Einpassen</translation>
    </message>
    <message>
        <source>The whole photo (F)</source>
        <translation>Das ganze Foto (F)</translation>
    </message>
    <message>
        <source>One photo pixel a screen pixel, at the face (1)</source>
        <translation>Ein Bildpunkt des Fotos je Bildschirmpunkt, beim Gesicht (1)</translation>
    </message>
    <message>
        <source>Zoom</source>
        <translation>Vergrößerung</translation>
    </message>
    <message>
        <source>Adjust</source>
        <translation>Anpassen</translation>
    </message>
    <message>
        <source>Export …</source>
        <translation>Exportieren …</translation>
    </message>
    <message>
        <source>Write this age, or many, at full quality (Ctrl+E)</source>
        <translation>Dieses Alter oder viele in voller Güte schreiben (Strg+E)</translation>
    </message>
    <message>
        <source>Photo</source>
        <translation>Foto</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Age asked for</source>
        <translation>Gewünschtes Alter</translation>
    </message>
    <message>
        <source>Type an age: press A, then a number and Enter</source>
        <translation>Ein Alter tippen: A, dann eine Zahl und Eingabe</translation>
    </message>
    <message>
        <source>Erase</source>
        <translation>Radieren</translation>
    </message>
    <message>
        <source>Paint</source>
        <translation>Malen</translation>
    </message>
    <message>
        <source>own age %1</source>
        <translation>eigenes Alter %1</translation>
    </message>
    <message>
        <source>Estimated; correct it under Person.</source>
        <translation>Geschätzt; unter Person zu berichtigen.</translation>
    </message>
    <message>
        <source>Age %1</source>
        <translation>Alter %1</translation>
    </message>
    <message>
        <source>Original, %1</source>
        <translation>Original, %1</translation>
    </message>
    <message>
        <source>Original</source>
        <translation>Original</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>&amp;Datei</translation>
    </message>
    <message>
        <source>&amp;Open …</source>
        <translation>Ö&amp;ffnen …</translation>
    </message>
    <message>
        <source>Open &amp;folder …</source>
        <translation>&amp;Ordner öffnen …</translation>
    </message>
    <message>
        <source>Open &amp;recent</source>
        <translation>&amp;Zuletzt geöffnet</translation>
    </message>
    <message>
        <source>&amp;Save session …</source>
        <translation>Sitzung &amp;speichern …</translation>
    </message>
    <message>
        <source>&amp;Export …</source>
        <translation>&amp;Exportieren …</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>&amp;Beenden</translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation>&amp;Bearbeiten</translation>
    </message>
    <message>
        <source>&amp;Undo</source>
        <translation>&amp;Rückgängig</translation>
    </message>
    <message>
        <source>&amp;Redo</source>
        <translation>&amp;Wiederholen</translation>
    </message>
    <message>
        <source>&amp;Copy picture</source>
        <translation>Bild &amp;kopieren</translation>
    </message>
    <message>
        <source>&amp;Paste picture</source>
        <translation>Bild &amp;einfügen</translation>
    </message>
    <message>
        <source>&amp;New variation	R</source>
        <translation>&amp;Neue Variante	R</translation>
    </message>
    <message>
        <source>Stop &amp;working	Esc</source>
        <translation>&amp;Arbeit anhalten	Esc</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>&amp;Ansicht</translation>
    </message>
    <message>
        <source>&amp;Fit	F</source>
        <translation>&amp;Einpassen	F</translation>
    </message>
    <message>
        <source>F&amp;ull screen</source>
        <translation>V&amp;ollbild</translation>
    </message>
    <message>
        <source>&amp;Age</source>
        <translation>A&amp;lter</translation>
    </message>
    <message>
        <source>One year &amp;younger	Left</source>
        <translation>Ein Jahr &amp;jünger	Links</translation>
    </message>
    <message>
        <source>One year &amp;older	Right</source>
        <translation>Ein Jahr &amp;älter	Rechts</translation>
    </message>
    <message>
        <source>O&amp;wn age	Home</source>
        <translation>&amp;Eigenes Alter	Pos1</translation>
    </message>
    <message>
        <source>&amp;Type an age …	A</source>
        <translation>Ein Alter &amp;tippen …	A</translation>
    </message>
    <message>
        <source>&amp;Play the ages	Space</source>
        <translation>Die Alter &amp;abspielen	Leertaste</translation>
    </message>
    <message>
        <source>&amp;Fill the strip when idle</source>
        <translation>Den Streifen im Leerlauf &amp;füllen</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>&amp;Hilfe</translation>
    </message>
    <message>
        <source>&amp;Keys	?</source>
        <translation>&amp;Tasten	?</translation>
    </message>
    <message>
        <source>Copy &amp;diagnostics</source>
        <translation>&amp;Diagnose kopieren</translation>
    </message>
    <message>
        <source>Show the &amp;sample photo</source>
        <translation>&amp;Beispielfoto zeigen</translation>
    </message>
    <message>
        <source>&amp;About Cradle2Cane</source>
        <translation>&amp;Über Cradle2Cane</translation>
    </message>
    <message>
        <source>There is no photo in %1.</source>
        <translation>In %1 ist kein Foto.</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Photos and sessions (%1)</source>
        <translation>Fotos und Sitzungen (%1)</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>Ordner öffnen</translation>
    </message>
    <message>
        <source>Save session</source>
        <translation>Sitzung speichern</translation>
    </message>
    <message>
        <source>Cradle2Cane sessions (*.c2c)</source>
        <translation>Cradle2Cane-Sitzungen (*.c2c)</translation>
    </message>
    <message>
        <source>There is no picture on the clipboard.</source>
        <translation>In der Zwischenablage ist kein Bild.</translation>
    </message>
    <message>
        <source>The pasted picture could not be kept in %1.</source>
        <translation>Das eingefügte Bild konnte nicht in %1 abgelegt werden.</translation>
    </message>
    <message>
        <source>Forget these</source>
        <translation>Diese vergessen</translation>
    </message>
    <message>
        <source>Cradle2Cane ended unexpectedly while you worked on %1.</source>
        <translation>Cradle2Cane endete unerwartet, während Sie an %1 arbeiteten.</translation>
    </message>
    <message>
        <source>Continue</source>
        <translation>Weitermachen</translation>
    </message>
    <message>
        <source>Pictures written to %1: %2.</source>
        <translation>Bilder geschrieben nach %1: %2.</translation>
    </message>
    <message>
        <source>Show or hide the side panel (P)</source>
        <translation>Seitenleiste zeigen oder verbergen (P)</translation>
    </message>
    <message>
        <source>Side &amp;panel	P</source>
        <translation>&amp;Seitenleiste	P</translation>
    </message>
    <message>
        <source>What you set for %1 was kept when you closed Cradle2Cane.</source>
        <translation>Was Sie für %1 eingestellt hatten, wurde beim Schließen von Cradle2Cane aufgehoben.</translation>
    </message>
    <message>
        <source>The model changes when the pictures are written.</source>
        <translation>Das Modell wechselt, wenn die Bilder geschrieben sind.</translation>
    </message>
    <message>
        <source>The photo opens when the pictures are written.</source>
        <translation>Das Foto öffnet sich, wenn die Bilder geschrieben sind.</translation>
    </message>
    <message>
        <source>Stop writing</source>
        <translation>Schreiben abbrechen</translation>
    </message>
    <message>
        <source>Pictures are still being written (%1 of %2). Close again to stop.</source>
        <translation>Es werden noch Bilder geschrieben (%1 von %2). Noch einmal schließen bricht ab.</translation>
    </message>
    <message>
        <source>&amp;Age sequence …</source>
        <translation>&amp;Alterssequenz …</translation>
    </message>
    <message>
        <source>The sequence is there: %1.</source>
        <translation>Die Sequenz ist da: %1.</translation>
    </message>
    <message>
        <source>&amp;Settings …</source>
        <translation>&amp;Einstellungen …</translation>
    </message>
    <message>
        <source>A sample; drop a photo of your own</source>
        <translation>Ein Beispiel; ziehen Sie ein eigenes Foto hierher</translation>
    </message>
    <message>
        <source>Next &amp;face	N</source>
        <translation>Nächstes &amp;Gesicht	N</translation>
    </message>
    <message>
        <source>Paint what is left &amp;alone	B</source>
        <translation>&amp;Malen, was bleibt	B</translation>
    </message>
    <message>
        <source>&amp;100 %, at the face	1</source>
        <translation>&amp;100 %, beim Gesicht	1</translation>
    </message>
    <message>
        <source>Zoom &amp;in	+</source>
        <translation>Ver&amp;größern	+</translation>
    </message>
    <message>
        <source>Zoom &amp;out	−</source>
        <translation>Ver&amp;kleinern	−</translation>
    </message>
    <message>
        <source>&amp;Compare with this age	C</source>
        <translation>Mit diesem &amp;Alter vergleichen	C</translation>
    </message>
    <message>
        <source>Compare with the &amp;original	O</source>
        <translation>Mit dem &amp;Original vergleichen	O</translation>
    </message>
    <message>
        <source>Show &amp;where the photo changes	M</source>
        <translation>&amp;Zeigen, wo sich das Foto ändert	M</translation>
    </message>
    <message>
        <source>Only pictures and files of this computer can be dropped here.</source>
        <translation>Hierher lassen sich nur Bilder und Dateien dieses Rechners ziehen.</translation>
    </message>
    <message>
        <source>The file says so in its metadata.</source>
        <translation>Die Datei sagt das in ihren Metadaten.</translation>
    </message>
    <message>
        <source>A copied picture carries no metadata: say so where you paste it.</source>
        <translation>Ein kopiertes Bild trägt keine Metadaten: Sagen Sie es dort, wo Sie es einfügen.</translation>
    </message>
</context>
<context>
    <name>c2c::ui::MessageBar</name>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Copy this message and the diagnostics</source>
        <translation>Diese Meldung und die Diagnose kopieren</translation>
    </message>
    <message>
        <source>I have read this</source>
        <translation>Gelesen</translation>
    </message>
    <message>
        <source>Close the message</source>
        <translation>Meldung schließen</translation>
    </message>
    <message numerus="yes">
        <source>%n more</source>
        <translation>
            <numerusform>noch %n</numerusform>
            <numerusform>noch %n</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>c2c::ui::ModelBox</name>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Built-in</source>
        <translation>Eingebaut</translation>
    </message>
    <message>
        <source>A folder …</source>
        <translation>Ein Ordner …</translation>
    </message>
    <message>
        <source>Folder of a model</source>
        <translation>Ordner eines Modells</translation>
    </message>
    <message>
        <source>The small model that comes with the program.</source>
        <translation>Das kleine Modell, das dem Programm beiliegt.</translation>
    </message>
    <message>
        <source>%1: all parts are there and fit together.</source>
        <translation>%1: Alle Teile sind da und passen zusammen.</translation>
    </message>
    <message>
        <source>%1 is whole. Licence: %2.</source>
        <translation>%1 ist vollständig. Lizenz: %2.</translation>
    </message>
    <message>
        <source>%1 is whole. Licence: %2. Not for commercial use.</source>
        <translation>%1 ist vollständig. Lizenz: %2. Nicht für gewerbliche Zwecke.</translation>
    </message>
</context>
<context>
    <name>c2c::ui::ModelDialog</name>
    <message>
        <source>Choose a model</source>
        <translation>Modell wählen</translation>
    </message>
    <message>
        <source>Use it</source>
        <translation>Verwenden</translation>
    </message>
</context>
<context>
    <name>c2c::ui::ModelPanel</name>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Runs on</source>
        <translation>Läuft auf</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>Lizenz</translation>
    </message>
    <message>
        <source>The model is being loaded …</source>
        <translation>Das Modell wird geladen …</translation>
    </message>
    <message>
        <source>SHA-256 over the files: %1</source>
        <translation>SHA-256 über die Dateien: %1</translation>
    </message>
    <message>
        <source>Not for commercial use. %1</source>
        <translation>Nicht für kommerzielle Nutzung. %1</translation>
    </message>
    <message>
        <source>Memory in use</source>
        <translation>Belegter Speicher</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>Speicher</translation>
    </message>
    <message>
        <source>%1 of %2 MB</source>
        <translation>%1 von %2 MB</translation>
    </message>
    <message>
        <source>Lies in</source>
        <translation>Liegt in</translation>
    </message>
    <message>
        <source>Another model …</source>
        <translation>Anderes Modell …</translation>
    </message>
    <message>
        <source>All of it in main memory</source>
        <translation>Ganz im Hauptspeicher</translation>
    </message>
    <message>
        <source>All of it on the graphics card</source>
        <translation>Ganz auf der Grafikkarte</translation>
    </message>
    <message>
        <source>The model %1 is for research only: what it makes is not for commercial use.</source>
        <translation>Das Modell %1 ist nur für die Forschung: was es erzeugt, darf nicht kommerziell genutzt werden.</translation>
    </message>
</context>
<context>
    <name>c2c::ui::PhotoPanel</name>
    <message>
        <source>File</source>
        <translation>Datei</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>Format</translation>
    </message>
    <message>
        <source>Profile</source>
        <translation>Profil</translation>
    </message>
    <message>
        <source>Faces</source>
        <translation>Gesichter</translation>
    </message>
    <message>
        <source>No photo is open.</source>
        <translation>Es ist kein Foto geöffnet.</translation>
    </message>
    <message>
        <source>%1 × %2 (%3 MP)</source>
        <translation>%1 × %2 (%3 MP)</translation>
    </message>
    <message>
        <source>Its metadata is kept, and marked as made with AI.</source>
        <translation>Seine Metadaten bleiben und werden als mit KI gemacht gekennzeichnet.</translation>
    </message>
    <message>
        <source>Its transparency is kept.</source>
        <translation>Seine Transparenz bleibt.</translation>
    </message>
    <message>
        <source>It carries Content Credentials. They do not survive the change: the export is marked, not signed.</source>
        <translation>Es trägt Content Credentials. Sie überleben die Änderung nicht: das Ergebnis ist gekennzeichnet, nicht signiert.</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>Kamera</translation>
    </message>
    <message>
        <source>Lens</source>
        <translation>Objektiv</translation>
    </message>
    <message>
        <source>Taken</source>
        <translation>Aufgenommen</translation>
    </message>
    <message>
        <source>Exposure</source>
        <translation>Belichtung</translation>
    </message>
    <message>
        <source>Place</source>
        <translation>Ort</translation>
    </message>
    <message>
        <source>GPS position stored</source>
        <translation>GPS-Position gespeichert</translation>
    </message>
    <message>
        <source>Not stored</source>
        <translation>Nicht gespeichert</translation>
    </message>
</context>
<context>
    <name>c2c::ui::PhotoRail</name>
    <message>
        <source>Photos</source>
        <translation>Fotos</translation>
    </message>
</context>
<context>
    <name>c2c::ui::SequenceDialog</name>
    <message>
        <source>Age sequence</source>
        <translation>Alterssequenz</translation>
    </message>
    <message>
        <source>frame:age, then :ease or :hold; as in 1:38,48:70:ease</source>
        <translation>Bild:Alter, dann :ease (weich) oder :hold (halten); etwa 1:38,48:70:ease</translation>
    </message>
    <message>
        <source>#### is the frame&apos;s number; a name as aged.mp4 makes a movie, aged.webp a loop</source>
        <translation>#### ist die Nummer des Bildes; ein Name wie alt.mp4 gibt einen Film, alt.webp eine Schleife</translation>
    </message>
    <message>
        <source>Command line</source>
        <translation>Befehlszeile</translation>
    </message>
    <message>
        <source>&amp;Copy</source>
        <translation>&amp;Kopieren</translation>
    </message>
    <message>
        <source>&amp;Make the frames</source>
        <translation>Bilder &amp;erzeugen</translation>
    </message>
    <message>
        <source>&amp;Stop</source>
        <translation>&amp;Anhalten</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>Schlüssel</translation>
    </message>
    <message>
        <source>Names</source>
        <translation>Namen</translation>
    </message>
    <message>
        <source>%1 frames in %2</source>
        <translation>%1 Bilder in %2</translation>
    </message>
    <message>
        <source>%1 frames: %2 to %3</source>
        <translation>%1 Bilder: %2 bis %3</translation>
    </message>
    <message>
        <source>Making the frames …</source>
        <translation>Erzeuge die Bilder …</translation>
    </message>
    <message>
        <source>Stopping …</source>
        <translation>Halte an …</translation>
    </message>
    <message>
        <source>All frames are there.</source>
        <translation>Alle Bilder sind da.</translation>
    </message>
    <message>
        <source>%1 did not work.</source>
        <translation>%1 hat nicht funktioniert.</translation>
    </message>
    <message>
        <source>Faces</source>
        <translation>Gesichter</translation>
    </message>
    <message>
        <source>+ Face</source>
        <translation>+ Gesicht</translation>
    </message>
    <message>
        <source>Another face, with a curve of its own</source>
        <translation>Ein weiteres Gesicht mit eigener Kurve</translation>
    </message>
    <message>
        <source>The photo in the window</source>
        <translation>Das Foto im Fenster</translation>
    </message>
    <message>
        <source>A folder of numbered frames, frames as plate.####.exr, or a movie</source>
        <translation>Ein Ordner nummerierter Bilder, Bilder wie plate.####.exr oder ein Film</translation>
    </message>
    <message>
        <source>&amp;Plate …</source>
        <translation>&amp;Bildfolge …</translation>
    </message>
    <message>
        <source>Mo&amp;vie …</source>
        <translation>Fil&amp;m …</translation>
    </message>
    <message>
        <source>&amp;Folder …</source>
        <translation>&amp;Ordner …</translation>
    </message>
    <message>
        <source>Write nothing</source>
        <translation>Nichts schreiben</translation>
    </message>
    <message>
        <source>Keep what fits, make the rest</source>
        <translation>Behalten, was passt, und den Rest erzeugen</translation>
    </message>
    <message>
        <source>Start over</source>
        <translation>Neu beginnen</translation>
    </message>
    <message>
        <source>More options of cradle2cane-cli sequence, as it takes them</source>
        <translation>Weitere Optionen von cradle2cane-cli sequence, wie es sie versteht</translation>
    </message>
    <message>
        <source>Frames of</source>
        <translation>Bilder von</translation>
    </message>
    <message>
        <source>If they are there</source>
        <translation>Wenn sie schon da sind</translation>
    </message>
    <message>
        <source>Options</source>
        <translation>Optionen</translation>
    </message>
    <message>
        <source>Folder of the plate&apos;s frames</source>
        <translation>Ordner der Bildfolge</translation>
    </message>
    <message>
        <source>Movie</source>
        <translation>Film</translation>
    </message>
    <message>
        <source>Movies</source>
        <translation>Filme</translation>
    </message>
    <message>
        <source>Folder for the frames</source>
        <translation>Ordner für die Bilder</translation>
    </message>
    <message>
        <source>All others</source>
        <translation>Alle anderen</translation>
    </message>
    <message>
        <source>Face %1</source>
        <translation>Gesicht %1</translation>
    </message>
    <message>
        <source>Largest face</source>
        <translation>Größtes Gesicht</translation>
    </message>
    <message>
        <source>Chosen face</source>
        <translation>Gewähltes Gesicht</translation>
    </message>
    <message>
        <source>The face</source>
        <translation>Das Gesicht</translation>
    </message>
    <message>
        <source>Face 1, at the left</source>
        <translation>Gesicht 1, ganz links</translation>
    </message>
    <message>
        <source>Open a photo with a face, or choose a plate or a movie.</source>
        <translation>Öffne ein Foto mit einem Gesicht oder wähle eine Bildfolge oder einen Film.</translation>
    </message>
    <message>
        <source>Counting the movie&apos;s frames …</source>
        <translation>Zähle die Bilder des Films …</translation>
    </message>
    <message>
        <source>%1 is there already; say what to do then, or give another name.</source>
        <translation>%1 ist schon da; sag, was dann geschehen soll, oder gib einen anderen Namen an.</translation>
    </message>
    <message>
        <source>Finding the faces …</source>
        <translation>Suche die Gesichter …</translation>
    </message>
    <message>
        <source>Frame %1 (%2 of %3)</source>
        <translation>Bild %1 (%2 von %3)</translation>
    </message>
    <message>
        <source>Stopped; the same again makes the rest.</source>
        <translation>Angehalten; noch einmal dasselbe erzeugt den Rest.</translation>
    </message>
    <message>
        <source>The frames say so in their metadata.</source>
        <translation>Die Bilder sagen das in ihren Metadaten.</translation>
    </message>
</context>
<context>
    <name>c2c::ui::Session</name>
    <message>
        <source>Age</source>
        <translation>Alter</translation>
    </message>
    <message>
        <source>Choose face</source>
        <translation>Gesicht wählen</translation>
    </message>
    <message>
        <source>New variation</source>
        <translation>Neue Variante</translation>
    </message>
</context>
<context>
    <name>c2c::ui::SettingsDialog</name>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Screen</source>
        <translation>Bildschirm</translation>
    </message>
    <message>
        <source>Colours</source>
        <translation>Farben</translation>
    </message>
    <message>
        <source>As the system says</source>
        <translation>Wie das System sagt</translation>
    </message>
    <message>
        <source>sRGB, unchanged</source>
        <translation>sRGB, unverändert</translation>
    </message>
    <message>
        <source>By a profile</source>
        <translation>Nach einem Profil</translation>
    </message>
    <message>
        <source>The photo is shown in the colours of this screen. What is exported stays as it is.</source>
        <translation>Das Foto wird in den Farben dieses Bildschirms gezeigt. Was exportiert wird, bleibt, wie es ist.</translation>
    </message>
    <message>
        <source>Profile of the screen</source>
        <translation>Profil des Bildschirms</translation>
    </message>
    <message>
        <source>An ICC profile of this screen (.icc, .icm)</source>
        <translation>Ein ICC-Profil dieses Bildschirms (.icc, .icm)</translation>
    </message>
    <message>
        <source>Browse …</source>
        <translation>Wählen …</translation>
    </message>
    <message>
        <source>&amp;Colours</source>
        <translation>&amp;Farben</translation>
    </message>
    <message>
        <source>&amp;Profile</source>
        <translation>&amp;Profil</translation>
    </message>
    <message>
        <source>ICC profiles (*.icc *.icm);;All files (*)</source>
        <translation>ICC-Profile (*.icc *.icm);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>&amp;Model</source>
        <translation>&amp;Modell</translation>
    </message>
    <message>
        <source>&amp;Runs on</source>
        <translation>&amp;Läuft auf</translation>
    </message>
    <message>
        <source>Pr&amp;ecision</source>
        <translation>&amp;Genauigkeit</translation>
    </message>
    <message>
        <source>Exported pictures</source>
        <translation>Exportierte Bilder</translation>
    </message>
    <message>
        <source>&amp;Keep the photo&apos;s metadata</source>
        <translation>Metadaten des Fotos &amp;behalten</translation>
    </message>
    <message>
        <source>… and the place where it was &amp;taken</source>
        <translation>… und den &amp;Ort der Aufnahme</translation>
    </message>
    <message>
        <source>Window</source>
        <translation>Fenster</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Sprache</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>Wie das System</translation>
    </message>
    <message>
        <source>From the next start on.</source>
        <translation>Vom nächsten Start an.</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>Aussehen</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Dunkel</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Hell</translation>
    </message>
    <message>
        <source>&amp;Language</source>
        <translation>&amp;Sprache</translation>
    </message>
    <message>
        <source>&amp;Appearance</source>
        <translation>&amp;Aussehen</translation>
    </message>
    <message>
        <source>Choose the file of the screen&apos;s profile.</source>
        <translation>Wählen Sie die Datei mit dem Profil des Bildschirms.</translation>
    </message>
</context>
<context>
    <name>c2c::ui::ShortcutsDialog</name>
    <message>
        <source>Keys</source>
        <translation>Tasten</translation>
    </message>
    <message>
        <source>Shift ← →</source>
        <translation>Umschalt ← →</translation>
    </message>
    <message>
        <source>Alt ← →</source>
        <translation>Alt ← →</translation>
    </message>
    <message>
        <source>\ (hold)</source>
        <translation>\ (halten)</translation>
    </message>
    <message>
        <source>Shift click</source>
        <translation>Umschalt-Klick</translation>
    </message>
    <message>
        <source>Ten years</source>
        <translation>Zehn Jahre</translation>
    </message>
    <message>
        <source>A tenth of a year</source>
        <translation>Ein Zehnteljahr</translation>
    </message>
    <message>
        <source>The original</source>
        <translation>Das Original</translation>
    </message>
    <message>
        <source>, .</source>
        <translation>, .</translation>
    </message>
    <message>
        <source>Move the wipe&apos;s line</source>
        <translation>Die Linie des Schiebers bewegen</translation>
    </message>
    <message>
        <source>Ctrl ← → ↑ ↓</source>
        <translation>Strg ← → ↑ ↓</translation>
    </message>
    <message>
        <source>Move the photo</source>
        <translation>Das Foto verschieben</translation>
    </message>
    <message>
        <source>Ctrl drag</source>
        <translation>Strg-Ziehen</translation>
    </message>
    <message>
        <source>Move the photo while painting</source>
        <translation>Das Foto beim Malen verschieben</translation>
    </message>
    <message>
        <source>Wheel, double click</source>
        <translation>Rad, Doppelklick</translation>
    </message>
    <message>
        <source>Zoom at the pointer</source>
        <translation>Am Zeiger vergrößern und verkleinern</translation>
    </message>
    <message>
        <source>On the strip: compare with that age</source>
        <translation>Auf dem Streifen: mit diesem Alter vergleichen</translation>
    </message>
</context>
<context>
    <name>c2c::ui::StatusPanel</name>
    <message>
        <source>Looks like</source>
        <translation>Sieht aus wie</translation>
    </message>
    <message>
        <source>Same person</source>
        <translation>Dieselbe Person</translation>
    </message>
    <message>
        <source>Settled</source>
        <translation>Fertig</translation>
    </message>
    <message>
        <source>Draft</source>
        <translation>Entwurf</translation>
    </message>
    <message>
        <source>Both passes are done. This is what is exported.</source>
        <translation>Beide Durchgänge sind getan. Das ist, was exportiert wird.</translation>
    </message>
    <message>
        <source>The quick first pass. The final picture follows when the slider rests.</source>
        <translation>Der schnelle erste Durchgang. Das fertige Bild folgt, wenn der Regler ruht.</translation>
    </message>
    <message>
        <source>80+</source>
        <translation>80+</translation>
    </message>
    <message>
        <source>%1 years</source>
        <translation>%1 Jahre</translation>
    </message>
    <message>
        <source>An independent estimator reads this age from the result; you asked for %1.
It errs by about 8 years itself, and cannot tell ages above 80 apart.</source>
        <translation>Ein unabhängiger Schätzer liest dieses Alter aus dem Ergebnis; gewünscht war %1.
Er irrt selbst um etwa 8 Jahre und unterscheidet Alter über 80 nicht.</translation>
    </message>
    <message>
        <source>Read when the picture has settled.</source>
        <translation>Wird gelesen, wenn das Bild fertig ist.</translation>
    </message>
    <message>
        <source>How much an independent face recogniser takes this for the person of the photo.
Above 60 % it is sure; below 40 % it sees somebody else.</source>
        <translation>Wie sehr eine unabhängige Gesichtserkennung dies für die Person des Fotos hält.
Über 60 % ist sie sicher; unter 40 % sieht sie jemand anderen.</translation>
    </message>
    <message>
        <source>Opening …</source>
        <translation>Öffne …</translation>
    </message>
    <message>
        <source>Finding faces …</source>
        <translation>Suche Gesichter …</translation>
    </message>
    <message>
        <source>Loading the model …</source>
        <translation>Lade das Modell …</translation>
    </message>
    <message>
        <source>Age %1 …</source>
        <translation>Alter %1 …</translation>
    </message>
    <message>
        <source>Exporting %1 …</source>
        <translation>Exportiere %1 …</translation>
    </message>
    <message>
        <source>Strip: %1</source>
        <translation>Streifen: %1</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>Fortschritt</translation>
    </message>
</context>
</TS>
