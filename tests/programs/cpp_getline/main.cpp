#include <bits/stdc++.h>

using namespace std;

int main()
{
    string line;
    for (int number = 1; getline(cin, line); number++) {
        if (!line.empty() && line.back() == '\r')
            line.pop_back();
        cout << number << " [" << line << "]\n";
    }
    cout << cin.eof() << endl;
}
